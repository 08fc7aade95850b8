#include <array>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/actions/persona_choice.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Pause final : public FaultEffect {
 public:
  explicit Pause(const FaultArguments& arguments)
      : FaultEffect(Use::place), persona_(arguments), duration_(arguments.milliseconds("duration_ms")) {}

  bool at(FaultPoint& point) const override {
    return point.withPersonas(
        [&](PersonaControl& personas) { personas.pause(persona_.of(point.sender()), duration_); });
  }

 private:
  PersonaChoice persona_;
  Duration duration_;
};

constexpr auto kPauseParameters = std::to_array<FaultParameter>({kPersonaParameter,
                                                                 {.name = "duration_ms",
                                                                  .sentence = "how long",
                                                                  .min = 1,
                                                                  .max = kMaxFaultTimeMs,
                                                                  .default_value = "1000"}});

}  // namespace

constinit const FaultAction kPauseAction{
    .name = "pause",
    .sentence = "A persona stands still for a time, as a process does after SIGSTOP, and then goes on.",
    .layer = FaultLayer::personas,
    .only_delays = true,
    .parameters = kPauseParameters,
    .make = makeEffect<Pause>,
};

}  // namespace jitrig
