#include <array>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class CutOff final : public FaultEffect {
 public:
  explicit CutOff(const FaultArguments& arguments)
      : FaultEffect(Use::place), duration_(arguments.milliseconds("duration_ms")) {}

  bool at(FaultPoint& point) const override {
    return point.withPersonas([&](PersonaControl& personas) { personas.cutOffServer(duration_); });
  }

 private:
  Duration duration_;
};

constexpr auto kCutOffParameters = std::to_array<FaultParameter>({{.name = "duration_ms",
                                                                   .sentence = "how long",
                                                                   .min = 1,
                                                                   .max = kMaxFaultTimeMs,
                                                                   .default_value = "1000"}});

}  // namespace

constinit const FaultAction kCutOffAction{
    .name = "cut_off",
    .sentence =
        "The server is cut off for a time, as by a firewall: nobody answers, and what is sent waits. "
        "Simulated only.",
    .layer = FaultLayer::personas,
    .parameters = kCutOffParameters,
    .make = makeEffect<CutOff>,
};

}  // namespace jitrig
