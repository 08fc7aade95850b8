#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class BlackHole final : public FaultEffect {
 public:
  explicit BlackHole(const FaultArguments&) : FaultEffect(Use::place) {}

  bool at(FaultPoint& point) const override {
    point.order(SwallowOrder{});
    return true;
  }
};

}  // namespace

constinit const FaultAction kBlackHoleAction{
    .name = "black_hole",
    .sentence =
        "From that place on everything of that direction is accepted and nothing delivered, not even the "
        "end.",
    .breaks_connection = true,
    .alters_bytes = true,
    .make = makeEffect<BlackHole>,
};

}  // namespace jitrig
