#include "scenarios/simulate/campaign.h"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include "scenarios/checkers/checker.h"
#include "scenarios/simulate/scenario_generator.h"
#include "scenarios/simulate/seed_run.h"

namespace jitrig::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Seeds that 7 divides find something.
SeedOutcome runOfSeven(std::uint64_t seed) {
  SeedOutcome outcome;
  outcome.seed = seed;
  outcome.messages = 10;
  if (seed % 7 == 0) {
    outcome.failed = {"alternation"};
    outcome.report = "two queries in a row\n";
  }
  if (seed == 3) outcome.newly_reached = {"a rare thing"};
  return outcome;
}

struct Told {
  std::vector<SeedOutcome> outcomes;
  CampaignSummary summary;
};

Told campaign(const CampaignOptions& options, const std::function<SeedOutcome(std::uint64_t)>& run_seed) {
  Told told;
  told.summary = runCampaign(options, run_seed, [&](const SeedOutcome& outcome, const CampaignSummary&) {
    told.outcomes.push_back(outcome);
  });
  return told;
}

TEST(CampaignTest, TellsTheSameForAnyNumberOfJobs) {
  CampaignOptions options{.first_seed = 1, .runs = 100, .max_failures = 1'000};
  options.jobs.count = 1;
  const Told one = campaign(options, runOfSeven);
  ASSERT_EQ(one.outcomes.size(), 100U);
  EXPECT_EQ(one.summary.failures, 14U);
  EXPECT_EQ(one.summary.messages, 1'000U);
  EXPECT_THAT(one.summary.reached, ElementsAre("a rare thing"));
  EXPECT_EQ(one.outcomes[6].report, "two queries in a row\n");
  for (const std::size_t jobs : {2U, 5U}) {
    options.jobs.count = jobs;
    EXPECT_EQ(campaign(options, runOfSeven).outcomes, one.outcomes);
  }
}

TEST(CampaignTest, ACrashIsAFailureOfThatSeed) {
  const auto run_seed = [](std::uint64_t seed) {
    if (seed == 12) ::raise(SIGKILL);
    return runOfSeven(seed);
  };
  for (const std::size_t jobs : {1U, 3U}) {
    CampaignOptions options{.first_seed = 11, .runs = 3};
    options.jobs.count = jobs;
    const Told told = campaign(options, run_seed);
    ASSERT_EQ(told.outcomes.size(), 3U);
    EXPECT_EQ(told.outcomes[1].seed, 12U);
    EXPECT_THAT(told.outcomes[1].failed, ElementsAre("crashed"));
    EXPECT_THAT(told.outcomes[1].report, HasSubstr("signal 9"));
    EXPECT_EQ(told.summary.failures, 1U);
  }
}

TEST(CampaignTest, AHangIsAFailureOfThatSeed) {
  const auto run_seed = [](std::uint64_t seed) {
    while (seed == 2) ::pause();  // NOLINT(bugprone-infinite-loop): that is what it is for
    return runOfSeven(seed);
  };
  CampaignOptions options{.first_seed = 2, .runs = 1};
  options.jobs.hang_after = std::chrono::milliseconds(100);
  const Told told = campaign(options, run_seed);
  ASSERT_EQ(told.outcomes.size(), 1U);
  EXPECT_THAT(told.outcomes[0].failed, ElementsAre("hung"));
  EXPECT_EQ(told.outcomes[0].report, "the process of this run: gave no answer for 100 ms\n");
}

TEST(CampaignTest, EndsAfterSoManyFailures) {
  for (const std::size_t jobs : {1U, 4U}) {
    CampaignOptions options{.first_seed = 1, .runs = 1'000, .max_failures = 2};
    options.jobs.count = jobs;
    const Told told = campaign(options, runOfSeven);
    EXPECT_EQ(told.outcomes.size(), 14U);
    EXPECT_EQ(told.summary.seeds, 14U);
  }
}

TEST(CampaignTest, EndsWhenTimeIsUp) {
  const CampaignOptions options{.time = std::chrono::milliseconds(0)};
  EXPECT_THAT(campaign(options, runOfSeven).outcomes, IsEmpty());
}

TEST(CampaignTest, SeedsGoOnBehindTheLast) {
  const CampaignOptions options{.first_seed = ~std::uint64_t{0}, .runs = 2};
  const Told told = campaign(options, runOfSeven);
  ASSERT_EQ(told.outcomes.size(), 2U);
  EXPECT_EQ(told.outcomes[0].seed, ~std::uint64_t{0});
  EXPECT_EQ(told.outcomes[1].seed, 0U);
}

/// What a seed came to is what its scenario came to, run as the seed says.
TEST(SeedRunTest, IsARunOfTheDrawnScenario) {
  for (const char* profile : {"calm", "tls"}) {
    SeedRunner runner({.profile = findProfile(profile).value(), .check_digests = false, .trace_folder = ""});
    const Scenario scenario = drawScenario(5, findProfile(profile).value());
    const RunChoice choice = seedChoice(scenario, 5);
    EXPECT_EQ(choice.runtime, scenario.runtimes.front());
    EXPECT_EQ(choice.seed, 5U);
    const ScenarioResult result = runScenario(scenario, choice);
    const SeedOutcome outcome = runner.run(5);
    EXPECT_EQ(outcome.seed, 5U);
    EXPECT_TRUE(outcome.passed()) << outcome.report;
    EXPECT_EQ(outcome.runs, 1U);
    EXPECT_EQ(outcome.messages, result.messages);
    EXPECT_EQ(outcome.steps, result.steps);
    EXPECT_EQ(outcome.virtual_time_ns, result.end_time.ns);
    EXPECT_EQ(outcome.logical_digest, result.logical_digest);
    EXPECT_EQ(outcome.schedule_digest, result.schedule_digest);
    // Each situation is told once.
    EXPECT_FALSE(outcome.newly_reached.empty());
    EXPECT_THAT(runner.run(5).newly_reached, IsEmpty());
  }
}

TEST(SeedRunTest, WithDigestsEachSeedIsRunTwice) {
  SeedRunner runner({.profile = findProfile("calm").value(), .check_digests = true, .trace_folder = ""});
  const SeedOutcome outcome = runner.run(3);
  EXPECT_EQ(outcome.runs, 2U);
  EXPECT_TRUE(outcome.passed()) << outcome.report;
}

TEST(SeedRunTest, AFailureIsToldShortly) {
  const Scenario scenario = drawScenario(1, findProfile("calm").value());
  ScenarioResult result = runScenario(scenario, seedChoice(scenario, 1));
  for (const char* checker : {"world", "causes", "world", "delivery", "world"})
    result.findings.push_back({.checker = checker, .text = std::string("it is ") + checker, .concerned = {}});
  EXPECT_THAT(failedCheckers(result), ElementsAre("causes", "delivery", "world"));
  EXPECT_EQ(failureText(result),
            "world: it is world\ncauses: it is causes\nworld: it is world\n"
            "… and 2 findings more\n");
  EXPECT_EQ(repeatSeedCommand(17, findProfile("network").value()),
            "jitrig simulate --seed 17 --profile network");
  EXPECT_EQ(repeatSeedCommand(17, profiles().front()), "jitrig simulate --seed 17");
}

TEST(SeedOutcomeTest, ComesBackAsItWas) {
  SeedOutcome outcome;
  outcome.seed = ~std::uint64_t{0};
  outcome.failed = {"alternation", "digests"};
  outcome.report = "a \"quoted\" line\nand another\t…\n";
  outcome.messages = 1'234;
  outcome.steps = 5'678;
  outcome.runs = 2;
  outcome.virtual_time_ns = 1'000'000'007;
  outcome.logical_digest = 0x0123'4567'89ab'cdef;
  outcome.schedule_digest = ~std::uint64_t{0};
  outcome.newly_reached = {"two messages in one read"};
  const std::string line = toJsonLine(outcome);
  EXPECT_THAT(line, HasSubstr(R"("logical_digest":"0123456789abcdef")"));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto read = parseSeedOutcome(line);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, outcome);
}

TEST(SeedOutcomeTest, BytesThatAreNoTextDoNotBreakTheLine) {
  SeedOutcome outcome;
  outcome.report = "\xff\xfe";
  EXPECT_TRUE(parseSeedOutcome(toJsonLine(outcome)));
}

TEST(SeedOutcomeTest, OtherTextsAreRefusedInWords) {
  for (const char* line : {"", "{", "[]", "{}", R"({"seed":"x"})"}) {
    const auto read = parseSeedOutcome(line);
    ASSERT_FALSE(read) << line;
    EXPECT_THAT(read.error(), HasSubstr("cannot be read"));
  }
}

}  // namespace
}  // namespace jitrig::test
