#include "scenarios/simulate/campaign.h"

#include <fmt/format.h>
#include <stdexcept>
#include <utility>

namespace jitrig {
namespace {

using Clock = std::chrono::steady_clock;

SeedOutcome outcomeOf(const JobResult& result) {
  if (!result.answer) return lostOutcome(result);
  auto outcome = parseSeedOutcome(*result.answer);
  if (!outcome) throw std::runtime_error(outcome.error());
  return std::move(*outcome);
}

}  // namespace

SeedOutcome lostOutcome(const JobResult& result) {
  SeedOutcome outcome;
  outcome.seed = result.number;
  outcome.runs = 1;
  outcome.failed = {result.hung ? "hung" : "crashed"};
  outcome.report = fmt::format("the process of this run: {}\n", result.without_answer);
  return outcome;
}

CampaignSummary runCampaign(
    const CampaignOptions& options, const std::function<SeedOutcome(std::uint64_t)>& run_seed,
    const std::function<void(const SeedOutcome&, const CampaignSummary&)>& on_outcome) {
  const Clock::time_point begin = Clock::now();
  const auto elapsed = [begin] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  };
  CampaignSummary summary;
  std::uint64_t given = 0;
  const Jobs::Next next = [&]() -> std::optional<std::uint64_t> {
    if (options.runs && given >= *options.runs) return std::nullopt;
    if (options.time && elapsed() >= *options.time) return std::nullopt;
    return options.first_seed + given++;
  };
  const Jobs::OnResult on_result = [&](const JobResult& result) {
    const SeedOutcome outcome = outcomeOf(result);
    ++summary.seeds;
    summary.messages += outcome.messages;
    summary.failures += outcome.passed() ? 0U : 1U;
    summary.reached.insert(outcome.newly_reached.begin(), outcome.newly_reached.end());
    summary.elapsed = elapsed();
    on_outcome(outcome, summary);
    return summary.failures < options.max_failures;
  };
  Jobs(options.jobs, [&run_seed](std::uint64_t seed) {
    return toJsonLine(run_seed(seed));
  }).run(next, on_result);
  summary.elapsed = elapsed();
  return summary;
}

}  // namespace jitrig
