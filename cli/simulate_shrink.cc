// jitrig simulate --seed N --shrink: a failing run made smaller.
#include <fmt/format.h>
#include <iterator>
#include <unistd.h>

#include "cli/simulate_verb.h"
#include "cli/standard_output.h"
#include "scenarios/file/write_scenario.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/simulate/run_files.h"
#include "scenarios/simulate/scenario_generator.h"
#include "scenarios/simulate/scenario_text.h"
#include "scenarios/simulate/shrink_run.h"

namespace jitrig {
namespace {

std::string sizeText(const ScenarioSize& size) {
  return fmt::format("{} VMs, {} servers, {} compilations, {} queries, {} faults, {} misbehaviours", size.vms,
                     size.servers, size.compilations, size.queries, size.faults, size.misbehaviours);
}

void showProgress(const ShrinkState& state) {
  const std::string line =
      fmt::format("\r{} tried, at {}\033[K", state.tried, sizeText(sizeOf(state.scenario)));
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

ExitStatus simulateShrink(const SimulateOptions& options) {
  StandardOutput out;
  const auto put = std::back_inserter(out.text());
  const Scenario scenario = drawScenario(options.seed, options.profile);
  fmt::format_to(put, "seed {}, profile {}\n{}", options.seed, options.profile.name,
                 describeScenario(scenario));
  out.flush();
  const auto hang_after = options.campaign.jobs.hang_after;
  const auto failed = failuresOf(scenario, options.seed, hang_after);
  if (failed.empty()) {
    out.text() += "passed: there is nothing to make smaller\n";
    out.flush();
    return ExitStatus::fine;
  }
  ShrinkRunOptions how;
  how.hang_after = hang_after;
  const bool is_terminal = ::isatty(STDERR_FILENO) != 0;
  if (is_terminal) how.shrink.on_progress = showProgress;
  ShrinkState small = shrinkFailure(scenario, options.seed, failed, how);
  if (is_terminal) [[maybe_unused]]
    const ssize_t written = ::write(STDERR_FILENO, "\r\033[K", 4);

  small.scenario.description =
      fmt::format("{}, made smaller; finds: {}", scenario.description, fmt::join(failed, ", "));
  small.scenario.first_seed = small.seed;
  const std::string path = options.write.empty()
                               ? fmt::format("simulate-{}-{}.yaml", options.profile.name, options.seed)
                               : options.write;
  if (auto file = writeFile(path, writeScenario(small.scenario)); !file) {
    throw CommandError(ExitStatus::foundSomething, file.error());
  }
  fmt::format_to(put, "failed: {}\nfrom {}\nto   {}\nin {} tries\n{}", fmt::join(failed, ", "),
                 sizeText(sizeOf(scenario)), sizeText(sizeOf(small.scenario)), small.tried,
                 describeScenario(small.scenario));
  fmt::format_to(put, "repeat: jitrig scenario run {} --runtime {} --seed {}\n", path,
                 toString(small.scenario.runtimes.front()), small.seed);
  out.flush();
  return ExitStatus::foundSomething;
}

}  // namespace jitrig
