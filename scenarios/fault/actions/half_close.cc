#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class HalfClose final : public FaultEffect {
 public:
  explicit HalfClose(const FaultArguments&) : FaultEffect(Use::place) {}

  bool at(FaultPoint& point) const override {
    point.order(EndOrder{FaultEnd::halfClose});
    return true;
  }
};

}  // namespace

constinit const FaultAction kHalfCloseAction{
    .name = "half_close",
    .sentence =
        "The sender's direction ends orderly at that place: the receiver reads an end of file, what the "
        "sender writes later is lost, the other direction goes on.",
    .breaks_connection = true,
    .make = makeEffect<HalfClose>,
};

}  // namespace jitrig
