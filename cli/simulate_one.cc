// jitrig simulate --seed N: what the seed stands for, and what became of it.
#include <fmt/format.h>
#include <iterator>

#include "cli/simulate_verb.h"
#include "cli/standard_output.h"
#include "scenarios/file/write_scenario.h"
#include "scenarios/simulate/run_files.h"
#include "scenarios/simulate/scenario_generator.h"
#include "scenarios/simulate/scenario_text.h"
#include "scenarios/simulate/seed_run.h"

namespace jitrig {
namespace {

void require(const std::expected<void, std::string>& written) {
  if (!written) throw CommandError(ExitStatus::foundSomething, written.error());
}

void writeFiles(const SimulateOptions& options, const Scenario& scenario) {
  if (!options.write.empty()) require(writeFile(options.write, writeScenario(scenario)));
  const RunFiles files{.trace = options.trace, .trace_text = options.trace_text, .capture = options.capture};
  if (files.trace.empty() && files.trace_text.empty() && files.capture.empty()) return;
  require(writeRunFiles(scenario, seedChoice(scenario, options.seed), files));
}

void addResult(std::string& text, const SimulateOptions& options, const SeedOutcome& outcome) {
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "{}: {} messages, {} steps, {}.{:09} s of virtual time\n",
                 outcome.passed() ? "passed" : fmt::format("failed: {}", fmt::join(outcome.failed, ", ")),
                 outcome.messages, outcome.steps, outcome.virtual_time_ns / 1'000'000'000,
                 outcome.virtual_time_ns % 1'000'000'000);
  fmt::format_to(out, "logical digest {:016x}, schedule digest {:016x}{}\n", outcome.logical_digest,
                 outcome.schedule_digest, outcome.runs == 2 ? ", both equal in a second run" : "");
  if (outcome.passed()) return;
  text += outcome.report;
  const std::string command = repeatSeedCommand(options.seed, options.profile);
  fmt::format_to(out, "repeat: {}\nmake smaller: {} --shrink\n", command, command);
}

}  // namespace

ExitStatus simulateOne(const SimulateOptions& options) {
  StandardOutput out;
  const Scenario scenario = drawScenario(options.seed, options.profile);
  if (!options.json) {
    // Before anything runs: whatever happens, the seed is known.
    fmt::format_to(std::back_inserter(out.text()), "seed {}, profile {}\n{}", options.seed,
                   options.profile.name, describeScenario(scenario));
    out.flush();
  }
  SeedRunner runner({.profile = options.profile,
                     .check_digests = options.check_digests,
                     .trace_folder = options.trace_folder});
  const SeedOutcome outcome = runner.run(options.seed);
  writeFiles(options, scenario);
  if (options.json) {
    out.text() += toJsonLine(outcome) + '\n';
  } else {
    addResult(out.text(), options, outcome);
  }
  out.flush();
  return outcome.passed() ? ExitStatus::fine : ExitStatus::foundSomething;
}

}  // namespace jitrig
