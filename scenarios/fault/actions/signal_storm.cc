#include <array>
#include <chrono>
#include <cstdint>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/actions/persona_choice.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class SignalStorm final : public FaultEffect {
 public:
  explicit SignalStorm(const FaultArguments& arguments)
      : FaultEffect(Use::place),
        persona_(arguments),
        signals_(arguments.number("signals")),
        interval_(std::chrono::microseconds(arguments.number("interval_us"))) {}

  bool at(FaultPoint& point) const override {
    return point.withPersonas([&](PersonaControl& personas) {
      personas.signalStorm(persona_.of(point.sender()), static_cast<std::uint64_t>(signals_), interval_);
    });
  }

 private:
  PersonaChoice persona_;
  std::int64_t signals_;
  Duration interval_;
};

constexpr auto kSignalStormParameters = std::to_array<FaultParameter>(
    {kPersonaParameter,
     {.name = "signals", .sentence = "how many", .min = 1, .max = 100'000, .default_value = "100"},
     {.name = "interval_us",
      .sentence = "between two",
      .min = 0,
      .max = 1'000'000,
      .default_value = "1000"}});

}  // namespace

constinit const FaultAction kSignalStormAction{
    .name = "signal_storm",
    .sentence =
        "A persona's process gets many signals, one shortly after the other: its blocking calls are "
        "interrupted. Operating system only.",
    .layer = FaultLayer::personas,
    .parameters = kSignalStormParameters,
    .make = makeEffect<SignalStorm>,
};

}  // namespace jitrig
