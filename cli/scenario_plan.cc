#include "cli/scenario_plan.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "cli/exit_status.h"
#include "cli/grpc_backend.h"

namespace jitrig {
namespace {

bool takesCommands(const ScenarioOptions& options) {
  return !options.server_command.empty() || !options.client_command.empty();
}

bool contains(const std::vector<ScenarioRuntime>& runtimes, ScenarioRuntime runtime) {
  return std::ranges::find(runtimes, runtime) != runtimes.end();
}

/// With gRPC in the place of sockets.
ScenarioRuntime overGrpc(ScenarioRuntime runtime) {
  if (runtime == ScenarioRuntime::loopback) return ScenarioRuntime::grpc;
  return runtime == ScenarioRuntime::tls ? ScenarioRuntime::grpcTls : runtime;
}

/// Those that the scenario is made for, carried by what --backend says.
std::vector<ScenarioRuntime> madeFor(const Scenario& scenario, const ScenarioOptions& options) {
  std::vector<ScenarioRuntime> runtimes;
  for (ScenarioRuntime runtime : scenario.runtimes) {
    if (options.backend == "sockets" && isOverGrpc(runtime)) continue;
    if (options.backend == "grpc") runtime = overGrpc(runtime);
    if (!contains(runtimes, runtime)) runtimes.push_back(runtime);
  }
  return runtimes;
}

/// Nobody named one.
std::vector<ScenarioRuntime> usualRuntimes(const Scenario& scenario, const ScenarioOptions& options,
                                           bool one) {
  std::vector<ScenarioRuntime> runtimes = madeFor(scenario, options);
  if (options.backend == "grpc") {
    std::erase_if(runtimes, [](ScenarioRuntime runtime) { return !isOverGrpc(runtime); });
    if (one && runtimes.empty()) runtimes.push_back(ScenarioRuntime::grpc);
    return runtimes;
  }
  if (!takesCommands(options)) return runtimes;
  // Programs do not live in a simulated world, nor do they take part in calls of gRPC.
  if (std::ranges::all_of(scenario.runtimes, isOverGrpc)) return {};
  return {ScenarioRuntime::loopback};
}

std::optional<ScenarioRuntime> namedRuntime(const ScenarioOptions& options) {
  if (options.runtime.empty()) return std::nullopt;
  const auto named = parseScenarioRuntime(options.runtime);
  if (!named) {
    throw CommandError(ExitStatus::wrongUsage, fmt::format("--runtime: '{}' is no runtime; expected {}",
                                                           options.runtime, scenarioRuntimesText()));
  }
  if (isOverGrpc(*named) && options.backend == "sockets")
    throw CommandError(ExitStatus::wrongUsage,
                       fmt::format("--runtime: {} is not carried by the backend sockets", options.runtime));
  return options.backend == "grpc" ? overGrpc(*named) : *named;
}

std::vector<ScenarioRuntime> runtimesFor(const Scenario& scenario, const ScenarioOptions& options, bool one) {
  const auto named = namedRuntime(options);
  if (!named) return usualRuntimes(scenario, options, one);
  // Who names one scenario and a runtime wants just that; of many, those that are made for it are meant.
  if (!one && !contains(madeFor(scenario, options), *named)) return {};
  return {*named};
}

/// Why it is not run, though it is wanted; empty: it is.
std::string skippedBecause(const PlannedRun& run, const ScenarioOptions& options,
                           const std::map<std::string, std::string>& lacks) {
  if (isOverGrpc(run.runtime) && !hasGrpc()) return "this jitrig was built without gRPC";
  if (isMadeForGrpc(*run.scenario) && options.protocol == "jitserver")
    return "--protocol jitserver: over gRPC there is only jitaas";
  const auto lack = lacks.find(run.scenario->name);
  return lack == lacks.end() ? "" : lack->second;
}

void setSeeds(PlannedRun& run, const ScenarioOptions& options) {
  if (options.seed) {
    run.first_seed = run.last_seed = *options.seed;
  } else if (options.seeds) {
    run.last_seed = *options.seeds;
  } else if (isSimulated(run.runtime)) {
    run.first_seed = run.scenario->first_seed;
    run.last_seed = run.scenario->first_seed + run.scenario->seeds - 1;
  }
}

std::string describeWanted(const ScenarioOptions& options) {
  if (!options.runtime.empty()) return "the runtime " + options.runtime;
  if (takesCommands(options)) return "a program's taking part: over gRPC none can";
  return options.backend == "sockets" ? "the backend sockets" : "loopback, tls, grpc or grpc_tls";
}

}  // namespace

bool wantsGrpc(const ScenarioOptions& options) {
  const auto named = namedRuntime(options);
  return options.backend == "grpc" || (named && isOverGrpc(*named));
}

std::vector<PlannedRun> planRuns(const std::vector<Scenario>& scenarios, const ScenarioOptions& options,
                                 const std::map<std::string, std::string>& lacks) {
  std::vector<PlannedRun> runs;
  for (const Scenario& scenario : scenarios) {
    for (const ScenarioRuntime runtime : runtimesFor(scenario, options, scenarios.size() == 1)) {
      PlannedRun run{&scenario, runtime};
      setSeeds(run, options);
      run.skip_because = skippedBecause(run, options, lacks);
      runs.push_back(run);
    }
  }
  if (runs.empty()) {
    throw CommandError(ExitStatus::wrongUsage, fmt::format("none of the {} scenarios is made for {}",
                                                           scenarios.size(), describeWanted(options)));
  }
  return runs;
}

}  // namespace jitrig
