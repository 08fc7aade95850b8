#include <array>
#include <cstdint>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Delay final : public FaultEffect {
 public:
  explicit Delay(const FaultArguments& arguments)
      : FaultEffect(Use::place),
        delay_(arguments.milliseconds("delay_ms")),
        jitter_(arguments.milliseconds("jitter_ms")) {}

  bool at(FaultPoint& point) const override {
    std::int64_t longer_ns = 0;
    if (jitter_.count() > 0) {
      longer_ns =
          static_cast<std::int64_t>(point.randomBelow(static_cast<std::uint64_t>(jitter_.count()) + 1));
    }
    point.order(StallOrder{delay_ + Duration(longer_ns)});
    return true;
  }

 private:
  Duration delay_;
  Duration jitter_;
};

constexpr auto kDelayParameters = std::to_array<FaultParameter>(
    {{.name = "delay_ms", .sentence = "at least", .min = 0, .max = kMaxFaultTimeMs, .default_value = "10"},
     {.name = "jitter_ms",
      .sentence = "and up to so much more, drawn for each message",
      .min = 0,
      .max = kMaxFaultTimeMs,
      .default_value = "0"}});

}  // namespace

constinit const FaultAction kDelayAction{
    .name = "delay",
    .sentence = "The message comes later, by a time that differs from one to the next.",
    .only_delays = true,
    .parameters = kDelayParameters,
    .make = makeEffect<Delay>,
};

}  // namespace jitrig
