#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/scenario_verb.h"
#include "scenarios/file/scenario.h"

namespace jitrig {

/// A scenario on a runtime, with all its seeds.
struct PlannedRun {
  const Scenario* scenario = nullptr;
  ScenarioRuntime runtime = ScenarioRuntime::simulation;
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;
  std::string skip_because = {};  ///< empty: it is run
};

/// Whether all scenarios are to run over gRPC, whatever they are made for.
bool wantsGrpc(const ScenarioOptions& options);

/// What the options ask for; `lacks`, by name: why a scenario cannot be run at all. Throws CommandError
/// (wrongUsage) if that is nothing, or cannot be.
std::vector<PlannedRun> planRuns(const std::vector<Scenario>& scenarios, const ScenarioOptions& options,
                                 const std::map<std::string, std::string>& lacks);

}  // namespace jitrig
