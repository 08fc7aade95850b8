// Runs in which nothing is wrong: no checker may find anything.

#include "scenarios/checkers/recorded_world_test_support.h"

namespace jitrig {
namespace {

using namespace test;

TEST(GoodRuns, OverASimulatedNetworkForAHundredSeeds) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    EXPECT_EQ(judged(recordSimulation(seed)), "") << "seed " << seed;
  }
}

TEST(GoodRuns, OverPipesForAHundredSeeds) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    EXPECT_EQ(judged(recordSimulation(seed, {.carrier = Carrier::pipe})), "") << "seed " << seed;
  }
}

TEST(GoodRuns, OverSimulatedTls) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_EQ(judged(recordSimulation(seed, {.carrier = Carrier::tls, .vms = 2})), "") << "seed " << seed;
  }
}

TEST(GoodRuns, ManyClientsOfOneThread) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RunRecord record = recordSimulation(seed, {.vms = 12, .client_threads = 1, .server_threads = 1});
    EXPECT_EQ(judged(record), "") << "seed " << seed;
  }
}

class GoodRealRun : public ::testing::TestWithParam<Carrier> {};

TEST_P(GoodRealRun, OfTheOperatingSystem) {
  EXPECT_EQ(judged(recordOperatingSystem({.carrier = GetParam()})), "");
}

INSTANTIATE_TEST_SUITE_P(, GoodRealRun, ::testing::Values(Carrier::port, Carrier::pipe, Carrier::tls));

}  // namespace
}  // namespace jitrig
