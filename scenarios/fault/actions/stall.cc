#include <array>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Stall final : public FaultEffect {
 public:
  explicit Stall(const FaultArguments& arguments)
      : FaultEffect(Use::place), duration_(arguments.milliseconds("duration_ms")) {}

  bool at(FaultPoint& point) const override {
    point.order(StallOrder{duration_});
    return true;
  }

 private:
  Duration duration_;
};

constexpr auto kParameters = std::to_array<FaultParameter>({{.name = "duration_ms",
                                                             .sentence = "how long",
                                                             .min = 0,
                                                             .max = kMaxFaultTime_ms,
                                                             .default_value = "1000"}});

}  // namespace

constinit const FaultAction kStallAction{
    .name = "stall",
    .sentence = "Nothing moves in that direction from that place on, for a time; then all goes on.",
    .only_delays = true,
    .parameters = kParameters,
    .make = makeEffect<Stall>,
};

}  // namespace jitrig
