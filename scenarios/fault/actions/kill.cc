#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/actions/persona_choice.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Kill final : public FaultEffect {
 public:
  explicit Kill(const FaultArguments& arguments)
      : FaultEffect(Use::place),
        persona_(arguments),
        back_after_ms_(arguments.optionalNumber("back_after_ms")) {}

  bool at(FaultPoint& point) const override {
    return point.withPersonas([&](PersonaControl& personas) {
      std::optional<Duration> back_after;
      if (back_after_ms_) back_after = std::chrono::milliseconds(*back_after_ms_);
      personas.kill(persona_.of(point.sender()), back_after);
    });
  }

 private:
  PersonaChoice persona_;
  std::optional<std::int64_t> back_after_ms_;
};

constexpr auto kKillParameters =
    std::to_array<FaultParameter>({kPersonaParameter,
                                   {.name = "back_after_ms",
                                    .sentence = "when another is there; not given: never",
                                    .min = 0,
                                    .max = kMaxFaultTimeMs}});

}  // namespace

constinit const FaultAction kKillAction{
    .name = "kill",
    .sentence = "A persona ends without a word, as a process does by SIGKILL; another may take its place.",
    .layer = FaultLayer::personas,
    .breaks_connection = true,
    .parameters = kKillParameters,
    .make = makeEffect<Kill>,
};

}  // namespace jitrig
