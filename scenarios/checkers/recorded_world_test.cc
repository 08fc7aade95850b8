// The worlds of recorded_world_test_support.h in both houses of the Runtime: a header must not choose one.

#include "protocol/runtime/os/operating_system_runtime.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/checkers/recorded_world_test_support.h"

namespace jitrig::test {
namespace {

WorldOutcome outcomeOf(SimulationOutcome outcome) {
  switch (outcome) {
    case SimulationOutcome::finished: return WorldOutcome::finished;
    case SimulationOutcome::deadlock: return WorldOutcome::deadlock;
    case SimulationOutcome::stepBudgetUsed: return WorldOutcome::stepBudgetUsed;
    case SimulationOutcome::virtualTimeUsed: return WorldOutcome::virtualTimeUsed;
    default: return WorldOutcome::failed;
  }
}

}  // namespace

RunRecord recordSimulation(std::uint64_t seed, const WorldOptions& options) {
  SimulationOptions simulation;
  simulation.seed = seed;
  options.change_simulation(simulation);
  SimulatedRuntime runtime(simulation);
  RunRecorder recorder(runtime);
  recorder.record().network = RunRecord::Network{.max_latency_ns = simulation.max_latency.count()};
  const SimulationResult result = runtime.run([&] {
    RecordedWorld(runtime, recorder, options).run();
    options.finish(recorder);
  });
  recorder.record().outcome = outcomeOf(result.outcome);
  recorder.record().outcome_detail = result.report;
  return recorder.finish();
}

RunRecord recordOperatingSystem(const WorldOptions& options) {
  OperatingSystemRuntime runtime({.seed = 1});
  RunRecorder recorder(runtime);
  RecordedWorld(runtime, recorder, options).run();
  options.finish(recorder);
  return recorder.finish();
}

}  // namespace jitrig::test
