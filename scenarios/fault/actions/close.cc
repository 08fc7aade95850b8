#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Close final : public FaultEffect {
 public:
  explicit Close(const FaultArguments&) : FaultEffect(Use::place) {}

  bool at(FaultPoint& point) const override {
    point.order(EndOrder{FaultEnd::close});
    return true;
  }
};

}  // namespace

constinit const FaultAction kCloseAction{
    .name = "close",
    .sentence =
        "The connection ends orderly (FIN) at that place, in both directions: both sides read an end of "
        "file.",
    .breaks_connection = true,
    .make = makeEffect<Close>,
};

}  // namespace jitrig
