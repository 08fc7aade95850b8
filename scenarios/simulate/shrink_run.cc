#include "scenarios/simulate/shrink_run.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "scenarios/checkers/checker.h"
#include "scenarios/record/run_record.h"
#include "scenarios/simulate/campaign.h"
#include "scenarios/simulate/jobs.h"
#include "scenarios/simulate/seed_run.h"

namespace jitrig {
namespace {

SeedOutcome runOnce(const Scenario& scenario, std::uint64_t seed) {
  SeedOutcome outcome;
  outcome.seed = seed;
  try {
    outcome.failed = failedCheckers(runScenario(scenario, seedChoice(scenario, seed)));
  } catch (const std::exception&) {
    outcome.failed = {"exception"};
  }
  return outcome;
}

/// Runs the scenario with each seed until `wanted` says that this is it. The process ends with the call.
std::optional<std::uint64_t> firstSeed(const Scenario& scenario, const std::vector<std::uint64_t>& seeds,
                                       std::chrono::milliseconds hang_after,
                                       const std::function<bool(const SeedOutcome&)>& wanted) {
  std::size_t next = 0;
  std::optional<std::uint64_t> found;
  Jobs({.count = 1, .hang_after = hang_after},
       [&](std::uint64_t seed) { return toJsonLine(runOnce(scenario, seed)); })
      .run(
          [&]() -> std::optional<std::uint64_t> {
            return next < seeds.size() ? std::optional(seeds[next++]) : std::nullopt;
          },
          [&](const JobResult& result) {
            const auto outcome = result.answer ? parseSeedOutcome(*result.answer) : lostOutcome(result);
            if (outcome && wanted(*outcome)) found = result.number;
            return !found.has_value();
          });
  return found;
}

}  // namespace

std::vector<std::string> failuresOf(const Scenario& scenario, std::uint64_t seed,
                                    std::chrono::milliseconds hang_after) {
  std::vector<std::string> failed;
  firstSeed(scenario, {seed}, hang_after, [&](const SeedOutcome& outcome) {
    failed = outcome.failed;
    return true;
  });
  return failed;
}

ShrinkState shrinkFailure(const Scenario& failing, std::uint64_t seed, const std::vector<std::string>& failed,
                          const ShrinkRunOptions& options) {
  const auto is_same_failure = [&failed](const SeedOutcome& outcome) {
    return std::ranges::any_of(outcome.failed, [&](const std::string& name) {
      return std::ranges::find(failed, name) != failed.end();
    });
  };
  std::uint64_t seed_that_fails = seed;
  const StillFails still_fails = [&](const Scenario& candidate) {
    std::vector<std::uint64_t> seeds{seed_that_fails};
    for (std::uint64_t other = 1; other <= options.other_seeds; ++other) {
      if (other != seed_that_fails) seeds.push_back(other);
    }
    const auto found = firstSeed(candidate, seeds, options.hang_after, is_same_failure);
    if (found) seed_that_fails = *found;
    return found;
  };
  return shrink(failing, seed, still_fails, options.shrink);
}

}  // namespace jitrig
