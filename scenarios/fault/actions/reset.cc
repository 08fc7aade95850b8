#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Reset final : public FaultEffect {
 public:
  explicit Reset(const FaultArguments&) : FaultEffect(Use::place) {}

  bool at(FaultPoint& point) const override {
    point.order(EndOrder{FaultEnd::reset});
    return true;
  }
};

}  // namespace

constinit const FaultAction kResetAction{
    .name = "reset",
    .sentence = "The connection is reset at that place: both sides' reads and writes fail.",
    .breaks_connection = true,
    .make = makeEffect<Reset>,
};

}  // namespace jitrig
