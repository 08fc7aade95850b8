#include "scenarios/simulate/scenario_generator.h"

#include <fmt/format.h>

#include "scenarios/simulate/generator_streams.h"
#include "scenarios/simulate/participants_draw.h"

namespace jitrig {

Scenario drawScenario(std::uint64_t seed, const Profile& profile) {
  GeneratorStreams streams(seed);
  Scenario scenario;
  scenario.name = fmt::format("simulate/{}/{}", profile.name, seed);
  scenario.description = fmt::format("drawn from seed {}, profile {}", seed, profile.name);
  scenario.network = drawNetwork(streams.network);
  drawParticipants(streams, profile, scenario);
  const bool is_tls = streams.choice.chance(profile.tls_percent, 100);
  scenario.runtimes = {is_tls ? ScenarioRuntime::simulatedTls : ScenarioRuntime::simulation};
  scenario.seeds = 1;
  return scenario;
}

}  // namespace jitrig
