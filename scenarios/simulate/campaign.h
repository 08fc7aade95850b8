#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scenarios/simulate/jobs.h"
#include "scenarios/simulate/seed_outcome.h"

namespace jitrig {

/// Which seeds, for how long, and by whom.
struct CampaignOptions {
  std::uint64_t first_seed = 1;                      ///< the others follow
  std::optional<std::uint64_t> runs = std::nullopt;  ///< nullopt: as many as fit
  std::optional<std::chrono::milliseconds> time = std::nullopt;
  std::uint64_t max_failures = 10;  ///< then it ends
  JobsOptions jobs = {};
};

/// What a campaign has come to.
struct CampaignSummary {
  std::uint64_t seeds = 0;
  std::uint64_t failures = 0;
  std::uint64_t messages = 0;
  std::set<std::string> reached;  ///< rare situations
  std::chrono::milliseconds elapsed{0};
};

/// Runs one seed after the other, in child processes. `run_seed` is called there; `on_outcome` here, in the
/// order of the seeds, however many jobs there are. A seed whose process crashed or hung has failed with
/// "crashed" or "hung".
CampaignSummary runCampaign(
    const CampaignOptions& options, const std::function<SeedOutcome(std::uint64_t seed)>& run_seed,
    const std::function<void(const SeedOutcome&, const CampaignSummary&)>& on_outcome);

/// What a seed came to whose process gave no answer.
SeedOutcome lostOutcome(const JobResult& result);

}  // namespace jitrig
