// jitrig simulate --runs, --minutes: many seeds.
#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <sstream>
#include <unistd.h>
#include <vector>

#include "cli/option_file.h"
#include "cli/simulate_verb.h"
#include "cli/standard_error.h"
#include "cli/standard_output.h"
#include "protocol/runtime/reached.h"
#include "scenarios/simulate/seed_run.h"

namespace jitrig {
namespace {

/// One line on a terminal, about four times a second. Elsewhere nothing.
class Progress {
 public:
  void show(const CampaignSummary& summary) {
    if (!is_terminal_ || summary.elapsed < next_) return;
    next_ = summary.elapsed + std::chrono::milliseconds(250);
    const std::string line = "\r" + rates(summary) + "\033[K";
    is_shown_ = true;
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
  }

  void clear() {
    if (!is_shown_) return;
    is_shown_ = false;
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, "\r\033[K", 4);
  }

  static std::string rates(const CampaignSummary& summary) {
    const auto ms = std::max<std::int64_t>(summary.elapsed.count(), 1);
    return fmt::format("{} runs, {} failed, {} messages in {}.{:03} s: {} runs/s, {} messages/s",
                       summary.seeds, summary.failures, summary.messages, ms / 1'000, ms % 1'000,
                       summary.seeds * 1'000 / static_cast<std::uint64_t>(ms),
                       summary.messages * 1'000 / static_cast<std::uint64_t>(ms));
  }

 private:
  bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
  bool is_shown_ = false;
  std::chrono::milliseconds next_{0};
};

/// Blank lines and those that begin with '#' are for people.
std::vector<std::string> readList(const std::string& path) {
  std::istringstream file(readOptionFile("--expect-reached", path));
  const auto probes = reachedProbes();
  std::vector<std::string> names;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    if (std::ranges::find(probes, line, &ReachedCount::name) == probes.end()) {
      throw CommandError(
          ExitStatus::unreadableInput,
          fmt::format(
              "{}:{}: '{}' is no situation that the code marks; expected the text of a JITRIG_REACHED", path,
              number, line));
    }
    names.push_back(line);
  }
  return names;
}

void addFailure(std::string& text, const SimulateOptions& options, const SeedOutcome& outcome) {
  const std::string command = repeatSeedCommand(outcome.seed, options.profile);
  fmt::format_to(std::back_inserter(text), "seed {} failed: {}\n{}repeat: {}\n", outcome.seed,
                 fmt::join(outcome.failed, ", "), outcome.report, command);
}

/// False if a listed one was not reached.
bool addReached(std::string& text, const CampaignSummary& summary, const std::vector<std::string>& expected) {
  const auto out = std::back_inserter(text);
  bool all = true;
  for (const ReachedCount& probe : reachedProbes()) {
    if (summary.reached.contains(probe.name)) continue;
    const bool is_expected = std::ranges::find(expected, probe.name) != expected.end();
    all = all && !is_expected;
    fmt::format_to(out, "never reached{}: {}\n", is_expected ? ", and must be" : "", probe.name);
  }
  return all;
}

}  // namespace

ExitStatus simulateCampaign(const SimulateOptions& options) {
  const auto expected =
      options.expect_reached.empty() ? std::vector<std::string>{} : readList(options.expect_reached);
  StandardOutput out;
  const auto put = std::back_inserter(out.text());
  const bool is_counted = !options.campaign.time;  // how many seeds a time suffices for differs
  if (!options.json) {
    fmt::format_to(put, "seeds from {}, profile {}\n", options.seed, options.profile.name);
    out.flush();
  }
  SeedRunner runner({.profile = options.profile,
                     .check_digests = options.check_digests,
                     .trace_folder = options.trace_folder});
  Progress progress;
  const CampaignSummary summary = runCampaign(
      options.campaign, [&runner](std::uint64_t seed) { return runner.run(seed); },
      [&](const SeedOutcome& outcome, const CampaignSummary& so_far) {
        if (options.json) {
          SeedOutcome printed = outcome;
          printed.newly_reached.clear();  // which process reached what first depends on the jobs
          out.text() += toJsonLine(printed) + '\n';
          out.flushIfLarge();
        } else if (!outcome.passed()) {
          progress.clear();
          addFailure(out.text(), options, outcome);
          out.flush();
        }
        progress.show(so_far);
      });
  progress.clear();
  printError("jitrig simulate: " + Progress::rates(summary));
  std::string reached;
  const bool all_reached = addReached(reached, summary, expected);
  if (!options.json) {
    out.text() += reached;
    if (is_counted) {
      fmt::format_to(put, "{} runs, {} failed, {} messages\n", summary.seeds, summary.failures,
                     summary.messages);
    } else {
      fmt::format_to(put, "{} failed\n", summary.failures);
    }
  }
  out.flush();
  return summary.failures == 0 && all_reached ? ExitStatus::fine : ExitStatus::foundSomething;
}

}  // namespace jitrig
