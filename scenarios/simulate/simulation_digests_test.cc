#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/simulate/seed_run.h"

namespace jitrig::test {
namespace {

/// One line of testdata/simulation_digests.txt.
struct Pinned {
  std::string profile;
  std::uint64_t seed = 0;
  std::string digest;
};

std::vector<Pinned> readPinned() {
  std::ifstream file(JITRIG_SOURCE_DIR "/testdata/simulation_digests.txt");
  std::vector<Pinned> pinned;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    Pinned one;
    words >> one.profile >> one.seed >> one.digest;
    pinned.push_back(one);
  }
  return pinned;
}

TEST(SimulationDigestsTest, AreTheSameOnEveryMachineWithEveryCompiler) {
  const std::vector<Pinned> pinned = readPinned();
  ASSERT_GE(pinned.size(), 60U);
  for (const Pinned& one : pinned) {
    SeedRunner runner(
        {.profile = findProfile(one.profile).value(), .check_digests = false, .trace_folder = {}});
    const SeedOutcome outcome = runner.run(one.seed);
    EXPECT_EQ(fmt::format("{:016x}", outcome.logical_digest), one.digest)
        << "seed " << one.seed << ", profile " << one.profile
        << "; meant? then scenarios/simulate/pin_digests writes them anew";
  }
}

TEST(SimulationDigestsTest, ASecondRunInADisturbedHeapIsTheSame) {
  SeedRunner runner({.profile = profiles().front(), .check_digests = true, .trace_folder = {}});
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    const SeedOutcome outcome = runner.run(seed);
    EXPECT_EQ(outcome.runs, 2U);
    EXPECT_EQ(std::ranges::count(outcome.failed, "digests"), 0) << outcome.report;
  }
}

}  // namespace
}  // namespace jitrig::test
