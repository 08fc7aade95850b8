#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/sweeps/strange_peers.h"
#include "scenarios/sweeps/sweep.h"
#include "scenarios/sweeps/swept_run.h"

namespace jitrig {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSlow = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSlow = true;
#else
constexpr bool kSlow = false;
#endif
#else
constexpr bool kSlow = false;
#endif

/// How many points of a sweep one is run of: primes, so that each axis is seen whole. Without --one-in the
/// verb runs all.
struct Sample {
  std::string_view sweep;
  std::uint64_t quick;  ///< g++'s build
  std::uint64_t slow;   ///< sanitizers
  std::uint64_t tls;
};

constexpr Sample kSamples[] = {
    {"break", 1, 23, 101},         {"interruption", 1, 5, 31}, {"goodbye", 1, 5, 31},
    {"first-message", 2, 13, 151}, {"wrong-peer", 1, 1, 3},    {"segmentation", 17, 211, 1201},
};

std::uint64_t oneIn(std::string_view sweep, bool tls) {
  const auto* const found = std::ranges::find(kSamples, sweep, &Sample::sweep);
  if (found == std::end(kSamples)) return 1;  // a new one: say in kSamples how many
  return (tls ? found->tls : kSlow ? found->slow : found->quick) * (tls && kSlow ? 3 : 1);
}

const SweptConversation& recorded() {
  static const SweptConversation kConversation =
      SweptConversation::read(JITRIG_SOURCE_DIR "/testdata/captures/plain_1conn_3compiles.pcap",
                              defaultDialect(), 2)
          .value();
  return kConversation;
}

std::string describe(const SweepReport& report) {
  std::string text;
  for (const SweepFailure& failure : report.failures) {
    text += toText(failure.point) + "\n";
    for (const std::string& problem : failure.problems) text += "  " + problem + "\n";
  }
  return text;
}

class SweepTest : public ::testing::TestWithParam<std::string_view> {
 protected:
  static void sweep(bool tls) {
    const Sweep* sweep = findSweep(GetParam());
    const auto report =
        runSweep(*sweep, recorded(), {.tls = tls}, {.only = {}, .one_in = oneIn(GetParam(), tls)});
    ASSERT_TRUE(report) << report.error();
    EXPECT_EQ(describe(*report), "") << "repeat: jitrig scenario sweep " << GetParam()
                                     << (tls ? " --tls" : "") << " and the point";
    EXPECT_GT(report->runs, 0U);
  }
};

TEST_P(SweepTest, FindsNothing) {
  sweep(false);
}

TEST_P(SweepTest, FindsNothingWithTls) {
  sweep(true);
}

TEST_P(SweepTest, EachPointIsNamedByItsAxesAndOnlyOnce) {
  const Sweep& sweep = *findSweep(GetParam());
  std::set<std::string> texts;
  for (const SweepPoint& point : sweep.points(recorded(), {})) {
    ASSERT_EQ(point.coordinates.size(), sweep.axes.size());
    for (std::size_t i = 0; i < sweep.axes.size(); ++i)
      EXPECT_EQ(point.coordinates[i].first, sweep.axes[i].name);
    EXPECT_TRUE(texts.insert(toText(point)).second) << toText(point);
  }
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const Sweep& sweep : sweeps()) all.push_back(sweep.name);
  return all;
}

std::string nameOf(const ::testing::TestParamInfo<std::string_view>& sweep) {
  std::string name(sweep.param);
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(, SweepTest, ::testing::ValuesIn(names()), nameOf);

TEST(SweepsTest, EverySweepHasASample) {
  EXPECT_EQ(std::size(kSamples), sweeps().size());
  for (const Sample& sample : kSamples) EXPECT_NE(findSweep(sample.sweep), nullptr) << sample.sweep;
  EXPECT_EQ(findSweep("breaks"), nullptr);
}

TEST(SweepsTest, TheBreakSweepHasEveryPlaceOfEveryMessage) {
  // Request, 50 queries with their replies, the code; two goodbyes. 7 places, 4 actions.
  EXPECT_EQ(recorded().messages(), 102U);
  EXPECT_EQ(findSweep("break")->points(recorded(), {}).size(), (102U + 2) * 7 * 4);
}

TEST(SweepsTest, ThereIsAStrangerOfEveryName) {
  std::set<std::string_view> peers;
  for (const StrangePeer& peer : strangePeers()) EXPECT_TRUE(peers.insert(peer.name).second) << peer.name;
  for (const char* name : {"http_get", "prometheus_scrape", "tls_hello", "proxy_header_1", "proxy_header_2",
                           "ssh_banner", "echo", "silence", "garbage", "smtp_greeting"}) {
    EXPECT_TRUE(peers.contains(name)) << name;
  }
}

// A sweep of which some points are wrong.

SweepVerdict odd(std::uint64_t number) {
  return {.problems = number % 2 == 0 ? std::vector<std::string>{} : std::vector<std::string>{"odd"},
          .messages = number};
}

constexpr SweepAxis kAxes[] = {{"number", "1 to 10"}, {"color", "red or blue"}};

const Sweep kOddSweep{.name = "odd",
                      .sentence = "Odd numbers are wrong.",
                      .axes = kAxes,
                      .points = [](const SweptConversation&, const SweepOptions&) {
                        std::vector<SweepPoint> all;
                        for (std::uint64_t i = 1; i <= 10; ++i) {
                          for (const char* color : {"red", "blue"}) {
                            all.push_back({.coordinates = {{"number", std::to_string(i)}, {"color", color}},
                                           .run = [i] { return odd(i); }});
                          }
                        }
                        return all;
                      }};

TEST(RunSweepTest, ReportsWhatWasFoundWhere) {
  std::vector<std::uint64_t> told;
  const auto report = runSweep(kOddSweep, recorded(), {}, {.only = {{"color", "red"}}},
                               [&](std::uint64_t done, std::uint64_t of) {
                                 EXPECT_EQ(of, 10U);
                                 told.push_back(done);
                               });
  ASSERT_TRUE(report);
  EXPECT_EQ(report->runs, 10U);
  EXPECT_EQ(report->messages, 55U);
  ASSERT_EQ(report->failures.size(), 5U);
  EXPECT_EQ(toText(report->failures[1].point), "--number 3 --color red");
  EXPECT_THAT(report->failures[1].problems, ElementsAre("odd"));
  EXPECT_EQ(told.size(), 10U);
}

TEST(RunSweepTest, ASampleIsTheSameEveryTime) {
  const auto report = runSweep(kOddSweep, recorded(), {}, {.only = {}, .one_in = 7});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->runs, 3U);  // 1 red, 4 blue, 8 red
  EXPECT_EQ(describe(*report), "--number 1 --color red\n  odd\n");
}

TEST(RunSweepTest, WhatIsNotThereIsRefusedInWords) {
  EXPECT_EQ(runSweep(kOddSweep, recorded(), {}, {.only = {{"color", "green"}}}).error(),
            "--color green: expected one of red, blue");
  EXPECT_EQ(runSweep(kOddSweep, recorded(), {}, {.only = {{"size", "1"}}}).error(),
            "the sweep 'odd' has no 'size'");
}

TEST(SweptConversationTest, IsReadOrMade) {
  const auto made = SweptConversation::make(defaultDialect(), 300);
  EXPECT_EQ(made.messages(), 300U);
  const std::string path = JITRIG_SOURCE_DIR "/testdata/captures/plain_1conn_3compiles.pcap";
  EXPECT_EQ(SweptConversation::read(path, defaultDialect(), 1)->compilation, 0U);
  for (const std::size_t none : {0U, 3U}) {
    EXPECT_THAT(SweptConversation::read(path, defaultDialect(), none).error(),
                HasSubstr("expected a number from 1 to 2"));
  }
  EXPECT_THAT(SweptConversation::read("no such file", defaultDialect(), 1).error(),
              HasSubstr("no such file"));
}

// What runs of a sweep look at, shown on runs in which it is wrong.

TEST(SweptRunTest, NothingIsFoundWhereNothingHappens) {
  const auto conversation = SweptConversation::make(defaultDialect(), 10);
  const SweptRun run = runSwept(conversation, {});
  EXPECT_THAT(run.problems, IsEmpty());
  EXPECT_THAT(othersUntouched(run, conversation, std::nullopt), IsEmpty());
  EXPECT_EQ(run.victim.size(), 3U);
  EXPECT_EQ(run.bystander.size(), 2U);
  EXPECT_EQ(run.fresh.size(), 1U);
  EXPECT_GT(run.messages, 20U);
  EXPECT_EQ(run.logical_digest, runSwept(conversation, {.seed = 2}).logical_digest);
}

TEST(SweptRunTest, ACompilationThatWasTouchedIsFound) {
  const auto conversation = SweptConversation::make(defaultDialect(), 10);
  SweptRunOptions options;
  options.on_query = [](SweptWorld&, std::uint64_t query) {
    return query == 2 ? std::optional(Answer{.kind = Answer::Kind::close, .values = {}}) : std::nullopt;
  };
  const SweptRun run = runSwept(conversation, options);
  EXPECT_THAT(othersUntouched(run, conversation, 1), IsEmpty());
  EXPECT_THAT(othersUntouched(run, conversation, 0),
              Contains(HasSubstr("compilation 2, which nothing befell, is interrupted")));
}

/// A server whose compilation threads all wait for one client does not serve another.
TEST(SweptRunTest, AWorldThatDoesNotGoOnIsFound) {
  const auto conversation = SweptConversation::make(defaultDialect(), 10);
  SweptRunOptions options;
  options.on_query = [](SweptWorld& world, std::uint64_t) -> std::optional<Answer> {
    auto mutex = world.runtime.makeMutex("never open");
    auto condition = world.runtime.makeCondition("never");
    Lock lock(*mutex);
    condition->wait(lock, kNever, [] { return false; });
    return std::nullopt;
  };
  EXPECT_THAT(runSwept(conversation, options).problems,
              Contains(HasSubstr("the world ended by itself (deadlock)")));
}

}  // namespace
}  // namespace jitrig
