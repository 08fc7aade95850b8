#include "scenarios/simulate/jobs.h"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace jitrig::test {
namespace {

using ::testing::ElementsAre;

/// 1 to `last`.
Jobs::Next numbersTo(std::uint64_t last) {
  return [last, next = std::uint64_t{0}]() mutable {
    return next < last ? std::optional<std::uint64_t>(++next) : std::nullopt;
  };
}

std::vector<std::string> resultsOf(JobsOptions options, const Jobs::Work& work, std::uint64_t last) {
  std::vector<std::string> results;
  Jobs(options, work).run(numbersTo(last), [&](const JobResult& result) {
    results.push_back(std::to_string(result.number) + ": " + result.answer.value_or(result.without_answer));
    return true;
  });
  return results;
}

std::string square(std::uint64_t number) {
  return std::to_string(number * number);
}

TEST(JobsTest, ResultsComeInOrderHoweverManyProcesses) {
  const auto expected = resultsOf({.count = 1}, square, 200);
  ASSERT_EQ(expected.size(), 200U);
  EXPECT_EQ(expected[199], "200: 40000");
  for (const std::size_t count : {2U, 3U, 8U}) EXPECT_EQ(resultsOf({.count = count}, square, 200), expected);
}

TEST(JobsTest, ACrashCostsOneNumber) {
  const Jobs::Work work = [](std::uint64_t number) {
    if (number == 3) ::raise(SIGKILL);
    return square(number);
  };
  for (const std::size_t count : {1U, 2U}) {
    EXPECT_THAT(resultsOf({.count = count}, work, 5),
                ElementsAre("1: 1", "2: 4", "3: killed by signal 9 (Killed)", "4: 16", "5: 25"));
  }
}

TEST(JobsTest, AProcessThatEndsOrThrowsCostsOneNumber) {
  const Jobs::Work work = [](std::uint64_t number) {
    if (number == 1) ::_exit(7);
    if (number == 2) throw std::runtime_error("a job's own error, on purpose");
    return square(number);
  };
  EXPECT_THAT(resultsOf({.count = 2}, work, 3), ElementsAre("1: its process ended with status 7",
                                                            "2: its process ended with status 70", "3: 9"));
}

TEST(JobsTest, AHungProcessIsKilled) {
  const Jobs::Work work = [](std::uint64_t number) {
    while (number == 2) ::pause();
    return square(number);
  };
  const auto results = resultsOf({.count = 1, .hang_after = std::chrono::milliseconds(200)}, work, 2);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[1], "2: gave no answer for 200 ms");
}

TEST(JobsTest, LargeAnswersArriveWhole) {
  const Jobs::Work work = [](std::uint64_t number) { return std::string(number * 1'000'000, 'x'); };
  std::vector<std::size_t> sizes;
  Jobs({.count = 2}, work).run(numbersTo(3), [&](const JobResult& result) {
    sizes.push_back(result.answer->size());
    return true;
  });
  EXPECT_THAT(sizes, ElementsAre(1'000'000U, 2'000'000U, 3'000'000U));
}

TEST(JobsTest, NoMoreResultsAreGivenThanWanted) {
  for (const std::size_t count : {1U, 4U}) {
    std::uint64_t results = 0;
    Jobs({.count = count}, square).run(numbersTo(100'000), [&](const JobResult&) { return ++results < 5; });
    EXPECT_EQ(results, 5U);
  }
}

}  // namespace
}  // namespace jitrig::test
