#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "scenarios/run/run_scenario.h"
#include "scenarios/simulate/profile.h"
#include "scenarios/simulate/seed_outcome.h"

namespace jitrig {

/// How seeds are run.
struct SeedRunOptions {
  Profile profile;
  /// Each seed is run twice, the second time with the heap in another state, and both must come to the same.
  bool check_digests = false;
  std::string trace_folder;  ///< where the trace of a run that failed is written; empty: nowhere
};

/// Runs seeds, one after the other, and says what became of them. One per process: what has been reached
/// before is known per process.
class SeedRunner {
 public:
  explicit SeedRunner(SeedRunOptions options) : options_(std::move(options)) {}

  /// Nothing that a run does wrong is thrown: it is a failure of that seed.
  SeedOutcome run(std::uint64_t seed);

 private:
  SeedOutcome judgedRun(std::uint64_t seed);
  void compareWithSecondRun(const Scenario& scenario, const RunChoice& choice, SeedOutcome& outcome) const;
  std::vector<std::string> newlyReached();

  SeedRunOptions options_;
  std::set<std::string> reached_;
};

/// How the scenario of a seed is run.
RunChoice seedChoice(const Scenario& scenario, std::uint64_t seed);

/// The checkers that found something, each once, in alphabetical order.
std::vector<std::string> failedCheckers(const ScenarioResult& result);

/// What the checkers said, what those concerned did last, who waited for what: the first few, for people.
std::string failureText(const ScenarioResult& result);

/// "jitrig simulate --seed 17 --profile network".
std::string repeatSeedCommand(std::uint64_t seed, const Profile& profile);

}  // namespace jitrig
