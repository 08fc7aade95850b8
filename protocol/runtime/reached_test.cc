#include "protocol/runtime/reached.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

namespace jitrig {
namespace {

std::optional<std::uint64_t> countOf(std::string_view name) {
  for (const ReachedCount& probe : reachedProbes()) {
    if (probe.name == name) return probe.count;
  }
  return std::nullopt;
}

void pass(bool rare) {
  if (rare) JITRIG_REACHED("reached_test: rare");
}

void passElsewhere() {
  JITRIG_REACHED("reached_test: rare");
}

[[maybe_unused]] void neverCalled() {
  JITRIG_REACHED("reached_test: never");
}
// Somebody could call it.
[[maybe_unused]] void (*const kReferenced)() = neverCalled;

TEST(Reached, CountsAndBeginsAgain) {
  resetReachedProbes();
  pass(false);
  EXPECT_EQ(countOf("reached_test: rare"), 0U);
  pass(true);
  pass(true);
  EXPECT_EQ(countOf("reached_test: rare"), 2U);
  resetReachedProbes();
  EXPECT_EQ(countOf("reached_test: rare"), 0U);
}

TEST(Reached, OneNameInTwoPlacesIsOneProbe) {
  resetReachedProbes();
  pass(true);
  passElsewhere();
  EXPECT_EQ(countOf("reached_test: rare"), 2U);
}

TEST(Reached, WhatWasNeverReachedIsListedToo) {
  EXPECT_EQ(countOf("reached_test: never"), 0U);
  EXPECT_EQ(countOf("reached_test: no such probe"), std::nullopt);
}

TEST(Reached, TheListIsOrderedByName) {
  std::vector<std::string> names;
  for (const ReachedCount& probe : reachedProbes()) names.push_back(probe.name);
  EXPECT_TRUE(std::ranges::is_sorted(names)) << testing::PrintToString(names);
}

}  // namespace
}  // namespace jitrig
