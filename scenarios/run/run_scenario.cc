#include "scenarios/run/run_scenario.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

#include "protocol/runtime/os/operating_system_runtime.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/checkers/checker.h"
#include "scenarios/record/run_record.h"
#include "scenarios/run/expectations.h"
#include "scenarios/run/play.h"
#include "scenarios/run/run_context.h"
#include "scenarios/run/run_counts.h"
#include "scenarios/run/scaled_waits.h"
#include "scenarios/system/process_census.h"

namespace jitrig {
namespace {

/// How long the system may go on to list threads that were joined.
constexpr std::chrono::milliseconds kThreadsToVanish{10'000};

SimulationOptions simulationOptions(const Scenario& scenario, const RunChoice& choice) {
  SimulationOptions options;
  options.seed = choice.seed;
  options.min_latency = std::chrono::microseconds(scenario.network.min_latency_us);
  options.max_latency = std::chrono::microseconds(scenario.network.max_latency_us);
  options.segmentation = scenario.network.segmentation;
  options.bandwidth_bytes_per_s = scenario.network.bandwidth_bytes_per_s;
  options.digest_contents = choice.runtime != ScenarioRuntime::simulatedTls;
  options.keep_events = choice.keep_events;
  options.observer = choice.observer;
  if (choice.step_budget) options.step_budget = *choice.step_budget;
  if (choice.preempt_percent) options.preempt_percent = *choice.preempt_percent;
  return options;
}

WorldOutcome outcomeOf(SimulationOutcome outcome) {
  switch (outcome) {
    case SimulationOutcome::finished: return WorldOutcome::finished;
    case SimulationOutcome::deadlock: return WorldOutcome::deadlock;
    case SimulationOutcome::stepBudgetUsed: return WorldOutcome::stepBudgetUsed;
    case SimulationOutcome::virtualTimeUsed: return WorldOutcome::virtualTimeUsed;
    case SimulationOutcome::noProgress: return WorldOutcome::gaveUp;
    case SimulationOutcome::failed: break;
  }
  return WorldOutcome::failed;
}

/// Judges what was recorded, and puts aside what the scenario allows.
void conclude(ScenarioResult& result, RunContext& context) {
  context.recorder.setFaults(context.faults.firings());
  result.record = std::make_unique<RunRecord>(context.recorder.finish());
  result.counts = countsOf(context.cast, *result.record);
  result.logical_digest = result.record->logicalDigest();
  result.messages = result.record->messageCount();

  result.skipped_because = context.skippedBecause();
  if (!result.skipped_because.empty()) return;
  std::vector<Finding> all = context.takeFindings();
  if (context.isAbandoned()) {
    result.findings = std::move(all);
    return;
  }
  std::ranges::move(judge(*result.record), std::back_inserter(all));
  std::ranges::move(unmetExpectations(*result.record, result.counts, context), std::back_inserter(all));
  const auto& allowed = context.scenario.expect.allowed_findings;
  for (Finding& finding : all) {
    const bool may_be = std::ranges::find(allowed, finding.checker) != allowed.end();
    (may_be ? result.allowed : result.findings).push_back(std::move(finding));
  }
}

ScenarioResult runSimulated(const Scenario& scenario, const RunChoice& choice) {
  const Frontends frontends = frontendsOf(scenario);
  SimulatedRuntime world(simulationOptions(scenario, choice));
  RunContext context(scenario, choice, world, &world);
  RunRecord& record = context.recorder.record();
  record.network = {.max_latency_ns = scenario.network.max_latency_us * 1'000,
                    .bandwidth_limited = scenario.network.bandwidth_bytes_per_s.has_value()};
  SimulationResult ended = world.run([&] {
    if (choice.on_begin) choice.on_begin(world);
    record.at_begin.connections = world.connectionCount();
    playScenario(context, frontends);
    record.at_end.connections = world.connectionCount();
    if (choice.on_end) choice.on_end(world);
  });
  record.outcome = outcomeOf(ended.outcome);
  record.outcome_detail = ended.report;
  ScenarioResult result;
  result.schedule_digest = ended.schedule_digest;
  result.steps = ended.steps;
  result.end_time = ended.end_time;
  result.world_report = std::move(ended.report);
  if (choice.keep_events != 0)
    result.events = std::make_shared<const SimulationEvents>(std::move(ended.events));
  conclude(result, context);
  return result;
}

ScenarioResult runForReal(const Scenario& scenario, const RunChoice& choice) {
  const Frontends frontends = frontendsOf(scenario);
  const ProcessCensus before = ProcessCensus::take();
  OperatingSystemRuntime runtime({.seed = choice.seed});
  RunContext context(scenario, choice, runtime, nullptr);
  RunRecord& record = context.recorder.record();
  record.carries_values = choice.backend != nullptr;
  ScenarioResult result;
  try {
    if (choice.on_begin) choice.on_begin(runtime);
    playScenario(context, frontends);
    if (choice.on_end) choice.on_end(runtime);
  } catch (const std::exception& exception) {
    record.outcome = WorldOutcome::failed;
    record.outcome_detail = exception.what();
  }
  result.end_time = runtime.now();
  // A backend's library has threads and descriptors of its own, for as long as it likes.
  if (!choice.backend) {
    for (const std::string& leak : leakedSince(before, kThreadsToVanish)) context.find("leaked: " + leak);
  }
  conclude(result, context);
  return result;
}

}  // namespace

ScenarioResult::ScenarioResult() = default;
ScenarioResult::ScenarioResult(ScenarioResult&&) noexcept = default;
ScenarioResult& ScenarioResult::operator=(ScenarioResult&&) noexcept = default;
ScenarioResult::~ScenarioResult() = default;

RunOutcome ScenarioResult::outcome() const {
  if (!findings.empty()) return RunOutcome::failed;
  return skipped_because.empty() ? RunOutcome::passed : RunOutcome::skipped;
}

ScenarioResult runScenario(const Scenario& scenario, const RunChoice& choice) {
  if (const auto problems = problemsOf(scenario, choice); !problems.empty()) {
    throw std::invalid_argument(fmt::format("{}: {}", scenario.name, problems.front()));
  }
  if (isSimulated(choice.runtime)) return runSimulated(scenario, choice);
  return runForReal(withScaledWaits(scenario), choice);
}

std::string_view toString(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::passed: return "passed";
    case RunOutcome::failed: return "failed";
    case RunOutcome::skipped: break;
  }
  return "skipped";
}

}  // namespace jitrig
