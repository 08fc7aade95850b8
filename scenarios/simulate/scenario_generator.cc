#include "scenarios/simulate/scenario_generator.h"

#include <fmt/format.h>

#include "scenarios/simulate/faults_draw.h"
#include "scenarios/simulate/generator_streams.h"
#include "scenarios/simulate/misbehaviours_draw.h"
#include "scenarios/simulate/participants_draw.h"

namespace jitrig {
namespace {

/// The default is that everything compiles; but scripts end with failures, too, and faults and misbehaviours
/// do more. What may become of a compilation, and why, is what the checkers know.
ScenarioExpectations expectationsOf(const Profile& profile) {
  ScenarioExpectations expect;
  expect.counts["compiled"] = {.at_least = 0, .at_most = std::nullopt};
  if (profile.isCalm()) {
    for (const char* count : {"terminated", "interrupted", "local"}) {
      expect.counts[count] = {.at_least = 0, .at_most = 0};
    }
  }
  return expect;
}

}  // namespace

Scenario drawScenario(std::uint64_t seed, const Profile& profile) {
  GeneratorStreams streams(seed);
  Scenario scenario;
  scenario.name = fmt::format("simulate/{}/{}", profile.name, seed);
  scenario.description = fmt::format("drawn from seed {}, profile {}", seed, profile.name);
  scenario.network = drawNetwork(streams.network);
  drawParticipants(streams, profile, scenario);
  const bool is_tls = streams.choice.chance(profile.tls_percent, 100);
  scenario.runtimes = {is_tls ? ScenarioRuntime::simulatedTls : ScenarioRuntime::simulation};
  scenario.first_seed = seed;
  scenario.seeds = 1;
  if (profile.hasFaults()) drawFaults(streams.faults, profile, scenario);
  if (profile.misbehaviours) drawMisbehaviours(streams.misbehaviours, scenario);
  scenario.expect = expectationsOf(profile);
  return scenario;
}

}  // namespace jitrig
