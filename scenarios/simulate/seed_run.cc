#include "scenarios/simulate/seed_run.h"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <iterator>

#include "protocol/runtime/reached.h"
#include "protocol/runtime/simulation/simulation_events.h"
#include "scenarios/checkers/checker.h"
#include "scenarios/record/run_record.h"
#include "scenarios/simulate/heap_disturbance.h"
#include "scenarios/simulate/run_files.h"
#include "scenarios/simulate/scenario_generator.h"

namespace jitrig {
namespace {

constexpr std::size_t kFindingsInReport = 3;
constexpr std::size_t kKeptEvents = 2'000'000;  ///< where two runs are compared event by event

SeedOutcome outcomeOf(std::uint64_t seed, const ScenarioResult& result) {
  SeedOutcome outcome;
  outcome.seed = seed;
  outcome.runs = 1;
  outcome.messages = result.messages;
  outcome.steps = result.steps;
  outcome.virtual_time_ns = result.end_time.ns;
  outcome.logical_digest = result.logical_digest;
  outcome.schedule_digest = result.schedule_digest;
  outcome.failed = failedCheckers(result);
  if (!outcome.passed()) outcome.report = failureText(result);
  return outcome;
}

/// Both runs again, with all their events.
std::string firstDifferenceOf(const Scenario& scenario, RunChoice choice) {
  choice.keep_events = kKeptEvents;
  const ScenarioResult first = runScenario(scenario, choice);
  const HeapDisturbance disturbance(choice.seed);
  const ScenarioResult second = runScenario(scenario, choice);
  if (!first.events || !second.events) return "no events were kept";
  return firstDifference(*first.events, *second.events)
      .value_or("no event differs between two further runs: only the results did");
}

}  // namespace

RunChoice seedChoice(const Scenario& scenario, std::uint64_t seed) {
  RunChoice choice;
  choice.runtime = scenario.runtimes.front();
  choice.seed = seed;
  return choice;
}

std::vector<std::string> failedCheckers(const ScenarioResult& result) {
  std::set<std::string> names;
  for (const Finding& finding : result.findings) names.insert(finding.checker);
  return {names.begin(), names.end()};
}

std::string failureText(const ScenarioResult& result) {
  std::string text;
  const std::size_t shown = std::min(result.findings.size(), kFindingsInReport);
  for (std::size_t i = 0; i < shown; ++i) {
    text += toText(result.findings[i], *result.record);
    if (!text.ends_with('\n')) text += '\n';
  }
  if (shown < result.findings.size()) {
    fmt::format_to(std::back_inserter(text), "… and {} findings more\n", result.findings.size() - shown);
  }
  if (!result.world_report.empty()) text += result.world_report + '\n';
  return text;
}

std::string repeatSeedCommand(std::uint64_t seed, const Profile& profile) {
  const bool is_default = profile.name == profiles().front().name;
  return fmt::format("jitrig simulate --seed {}{}{}{}", seed, is_default ? "" : " --profile ",
                     is_default ? "" : profile.name, profile.older_generation ? " --protocol jitaas" : "");
}

SeedOutcome SeedRunner::run(std::uint64_t seed) {
  SeedOutcome outcome;
  try {
    outcome = judgedRun(seed);
  } catch (const std::exception& error) {
    outcome.seed = seed;
    outcome.runs = 1;
    outcome.failed = {"exception"};
    outcome.report = fmt::format("runScenario() threw: {}\n", error.what());
  }
  outcome.newly_reached = newlyReached();
  return outcome;
}

SeedOutcome SeedRunner::judgedRun(std::uint64_t seed) {
  const Scenario scenario = drawScenario(seed, options_.profile);
  const RunChoice choice = seedChoice(scenario, seed);
  SeedOutcome outcome = outcomeOf(seed, runScenario(scenario, choice));
  if (options_.check_digests) compareWithSecondRun(scenario, choice, outcome);
  if (!outcome.passed() && !options_.trace_folder.empty()) {
    const std::string path =
        fmt::format("{}/simulate-{}-{}.trace.json", options_.trace_folder, options_.profile.name, seed);
    const auto written = writeRunFiles(scenario, choice, {.trace = path});
    outcome.report += written ? "trace: " + path + '\n' : written.error() + '\n';
  }
  return outcome;
}

void SeedRunner::compareWithSecondRun(const Scenario& scenario, const RunChoice& choice,
                                      SeedOutcome& outcome) const {
  const HeapDisturbance disturbance(choice.seed);
  const SeedOutcome second = outcomeOf(outcome.seed, runScenario(scenario, choice));
  const bool is_same = second == outcome;
  outcome.runs = 2;
  if (is_same) return;
  outcome.failed.emplace_back("digests");
  fmt::format_to(std::back_inserter(outcome.report),
                 "digests: a second run of the same seed came to something else\n"
                 "  logical digest {:016x}, then {:016x}; schedule digest {:016x}, then {:016x}\n"
                 "  failed: {}; then {}\n  first event that differs: {}\n",
                 outcome.logical_digest, second.logical_digest, outcome.schedule_digest,
                 second.schedule_digest, fmt::join(outcome.failed, ", "), fmt::join(second.failed, ", "),
                 firstDifferenceOf(scenario, choice));
}

std::vector<std::string> SeedRunner::newlyReached() {
  std::vector<std::string> names;
  for (ReachedCount& probe : reachedProbes()) {
    if (probe.count > 0 && reached_.insert(probe.name).second) names.push_back(std::move(probe.name));
  }
  return names;
}

}  // namespace jitrig
