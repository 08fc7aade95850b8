#include "scenarios/run/external_end.h"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>

namespace jitrig {
namespace {

constexpr int kExitStatusFoundSomething = 1;
constexpr int kShellAddsToSignal = 128;

bool isSIGTERM(const ProgramEnd& end) {
  return end == ProgramEnd{.by_signal = true, .number = SIGTERM} ||
         end == ProgramEnd{.by_signal = false, .number = kShellAddsToSignal + SIGTERM};
}

/// Whether something is done in this scenario that a correct program may complain of.
bool isTroubled(const Scenario& scenario) {
  const auto misbehaves = [](const auto& persona) { return !persona.misbehaviours.empty(); };
  return !scenario.faults.empty() || !scenario.expect.counts.empty() || !scenario.expect.details.empty() ||
         std::ranges::any_of(scenario.vms, misbehaves) || std::ranges::any_of(scenario.servers, misbehaves);
}

}  // namespace

void judgeEnd(RunContext& context, const std::string& name, ExternalProgram& program, const ProgramEnd& end,
              EndedWhen when) {
  const bool exited = !end.by_signal;
  if (exited && end.number == kExitStatusNotImplemented)
    return context.skip(fmt::format("{} ended with {}: it does not implement this", name, toString(end)));
  if (exited && end.number == 0) return;
  if (when == EndedWhen::afterSIGTERM && isSIGTERM(end)) return;
  if (exited && end.number == kExitStatusFoundSomething && isTroubled(context.scenario)) return;
  const std::string written = program.output();
  context.find(fmt::format("{} ended with {}{}", name, toString(end),
                           written.empty() ? "; it wrote nothing" : "; it wrote:\n" + written));
}

}  // namespace jitrig
