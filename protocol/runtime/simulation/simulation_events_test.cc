// What a world tells of itself: watches that end it, kept events, observers.

#include "protocol/runtime/simulation/simulation_events.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/runtime/simulation/world_test_support.h"

namespace jitrig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

// ---- Progress ---------------------------------------------------------------------------------------------

TEST(ProgressWatch, WithoutProgressTheWorldEndsAndSaysWhoWaits) {
  SimulatedRuntime runtime;
  const SimulationResult result = runtime.run([&] {
    const auto polling = runtime.onHost("vm 1").spawn("polling", [&] {
      const auto request = runtime.watchProgress("compilation 7 of vm 1", 30s);
      const auto other = runtime.watchProgress("compilation 8 of vm 1", 1h);
      runtime.sleepUntil(Instant{} + 2s);
      request->progress();
      while (true) runtime.sleepUntil(runtime.now() + 1s);
    });
    const auto mutex = runtime.makeMutex("a lock");
    const Lock lock(*mutex);
    runtime.spawn("blocked", [&] { const Lock second(*mutex); })->join();
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::noProgress);
  EXPECT_EQ(result.end_time, Instant{} + 32s);
  EXPECT_THAT(result.report, HasSubstr("no progress: \"compilation 7 of vm 1\" without progress since "
                                       "2.000000000 s (budget 30.000000000 s) (seed 1, virtual time 32."));
  EXPECT_THAT(result.report, HasSubstr("watched: \"compilation 8 of vm 1\" without progress since 0."));
  EXPECT_THAT(result.report, HasSubstr("task \"polling\" on host \"vm 1\" sleeps since 31."));
  EXPECT_THAT(result.report, HasSubstr("task \"blocked\" waits for mutex \"a lock\" held by task \"main\""));
}

TEST(ProgressWatch, ProgressInTimeIsEnough) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto watch = runtime.watchProgress("request", 10s);
    for (int times = 0; times < 20; ++times) {
      runtime.sleepUntil(runtime.now() + 9s);
      watch->progress();
    }
  });
}

TEST(ProgressWatch, AWatchThatEndedIsForgotten) {
  SimulatedRuntime runtime;
  const SimulationResult result = runtime.run([&] {
    runtime.watchProgress("a request that is done", 10s).reset();
    runtime.sleepUntil(runtime.now() + 1h);
    runtime.sleepUntil(kNever);
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
  EXPECT_THAT(result.report, testing::Not(HasSubstr("watched")));
}

TEST(ProgressWatch, IsNoDeadlineForADeadlock) {
  SimulatedRuntime runtime;
  const SimulationResult result = runtime.run([&] {
    const auto watch = runtime.watchProgress("request", 10s);
    runtime.sleepUntil(kNever);
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
  EXPECT_EQ(result.end_time, Instant{});
}

TEST(ProgressWatch, MayOutliveTheWorld) {
  SimulatedRuntime runtime;
  std::unique_ptr<ProgressWatch> watch;
  runtime.runOrThrow([&] { watch = runtime.watchProgress("request", 10s); });
}

// ---- Events -----------------------------------------------------------------------------------------------

SimulationResult runConversation(const SimulationOptions& options, std::string_view answer = "answer") {
  SimulatedRuntime runtime(options);
  return runtime.runOrThrow([&] {
    test::ConnectedPair pair = test::makeConnectedPair(runtime);
    const auto server = runtime.onHost("server1").spawn("server", [&] {
      EXPECT_EQ(test::readUpTo(*pair.server, 8), "question");
      runtime.note("about to answer");
      ASSERT_TRUE(test::writeAll(*pair.server, answer));
    });
    static_cast<void>(runtime.random(RandomPurpose::workload));
    ASSERT_TRUE(test::writeAll(*pair.client, "question"));
    EXPECT_EQ(test::readUpTo(*pair.client, answer.size()), answer);
  });
}

TEST(SimulationEvents, NothingIsKeptUnlessAskedFor) {
  EXPECT_TRUE(runConversation({}).events.kept.empty());
}

TEST(SimulationEvents, KeepingThemChangesNothing) {
  EXPECT_EQ(runConversation({}).schedule_digest, runConversation({.keep_events = 100}).schedule_digest);
}

TEST(SimulationEvents, TellWhatHappened) {
  const SimulationResult result = runConversation({.segmentation = false, .keep_events = 10'000});
  EXPECT_EQ(result.events.forgotten, 0U);
  std::string text;
  for (const SimulationEvent& event : result.events.kept) text += describe(result.events, event) + "\n";
  EXPECT_THAT(text,
              HasSubstr("0.000000000 s: task \"main\" is spawned\n0.000000000 s: task \"main\" runs (of 1"));
  EXPECT_THAT(text, HasSubstr("s: task \"server\" on host \"server1\" is spawned\n"));
  EXPECT_THAT(text, HasSubstr(" is drawn for workload\n"));
  EXPECT_THAT(text, HasSubstr("127.0.0.1:49153 -> 127.0.0.1:49152: 8 bytes are sent (hash "));
  EXPECT_THAT(text, HasSubstr("127.0.0.1:49153 -> 127.0.0.1:49152: 8 bytes are read\n"));
  EXPECT_THAT(text, HasSubstr("task \"server\" on host \"server1\": about to answer\n"));
  EXPECT_THAT(text, HasSubstr(": the end of file is sent\n"));
  EXPECT_THAT(text, HasSubstr("task \"main\" ends\n"));
}

TEST(SimulationEvents, TheLatestOnesAreKept) {
  const SimulationEvents all = runConversation({.keep_events = 10'000}).events;
  const SimulationEvents some = runConversation({.keep_events = 7}).events;
  ASSERT_EQ(some.kept.size(), 7U);
  EXPECT_EQ(some.forgotten + 7, all.kept.size());
  EXPECT_EQ(some.kept, std::vector<SimulationEvent>(all.kept.end() - 7, all.kept.end()));
  EXPECT_EQ(firstDifference(all, some), std::nullopt);
}

TEST(SimulationEvents, EqualRunsDoNotDiffer) {
  const SimulationOptions options{.seed = 3, .keep_events = 10'000};
  EXPECT_EQ(firstDifference(runConversation(options).events, runConversation(options).events), std::nullopt);
}

TEST(SimulationEvents, TheFirstDifferenceIsTold) {
  const SimulationOptions options{.seed = 3, .segmentation = false, .keep_events = 10'000};
  const auto difference =
      firstDifference(runConversation(options).events, runConversation(options, "anSwer").events);
  ASSERT_TRUE(difference.has_value());
  EXPECT_THAT(*difference,
              testing::ContainsRegex("^event [0-9]+ differs:\n  .*: 6 bytes are sent .*\n  .*: 6 bytes"));
  EXPECT_THAT(*difference, testing::Not(HasSubstr("forgotten")));
}

TEST(SimulationEvents, AShorterRunDiffersWhereItEnds) {
  SimulationEvents longer = runConversation({.keep_events = 10'000}).events;
  SimulationEvents shorter = longer;
  shorter.kept.pop_back();
  EXPECT_THAT(firstDifference(longer, shorter).value(), HasSubstr("nothing: the run has ended"));
}

TEST(SimulationEvents, WhatWasForgottenIsAdmitted) {
  const SimulationEvents a = runConversation({.seed = 3, .keep_events = 5}).events;
  const SimulationEvents b = runConversation({.seed = 4, .keep_events = 5}).events;
  EXPECT_THAT(firstDifference(a, b).value(), HasSubstr("earlier events were forgotten"));
}

// ---- Observers --------------------------------------------------------------------------------------------

class Protocol final : public SimulationObserver {
 public:
  std::vector<std::string> lines;

  void taskBegins(const ObservedTask& task, Instant now) override {
    lines.push_back(fmt::format("{} {}@{} begins", now.ns, task.name, task.host));
  }
  void taskEnds(const ObservedTask& task, Instant now) override {
    lines.push_back(fmt::format("{} {}@{} ends", now.ns, task.name, task.host));
  }
  void taskWaited(const ObservedTask& task, std::string_view doing, std::string_view thing, Instant since,
                  Instant now) override {
    lines.push_back(fmt::format("{}-{} {} {} {}", since.ns, now.ns, task.name, doing, thing));
  }
  void hostChanged(std::string_view host, std::string_view what, Instant now) override {
    lines.push_back(fmt::format("{} host {} {}", now.ns, host, what));
  }
  void noted(const ObservedTask& task, std::string_view text, Instant now) override {
    lines.push_back(fmt::format("{} {} notes {}", now.ns, task.name, text));
  }
};

TEST(SimulationObserver, IsToldWhatTasksDo) {
  Protocol protocol;
  SimulatedRuntime runtime(SimulationOptions{.preempt_percent = 0, .observer = &protocol});
  runtime.runOrThrow([&] {
    SimulatedHost& host = runtime.host("a");
    const auto task = host.runtime().spawn("worker", [&] {
      runtime.sleepUntil(Instant{5});
      EXPECT_TRUE(runtime.takesNotes());
      runtime.note("awake");
    });
    runtime.sleepUntil(Instant{2});
    host.pause();
    host.resume();
  });
  EXPECT_THAT(protocol.lines,
              ElementsAre("0 main@ begins", "0 worker@a begins", "0-2 main sleeps ", "2 host a is paused",
                          "2 host a goes on", "0-5 worker sleeps ", "5 worker notes awake", "5 worker@a ends",
                          "2-5 main joins task worker", "5 main@ ends"));
}

TEST(SimulationObserver, ChangesNothing) {
  Protocol protocol;
  EXPECT_EQ(runConversation({}).schedule_digest, runConversation({.observer = &protocol}).schedule_digest);
}

TEST(SimulatedRuntime, NotesCostNothingWhereNobodyListens) {
  SimulatedRuntime runtime;
  EXPECT_FALSE(runtime.takesNotes());
}

TEST(SimulatedRuntime, WhatCodeAboveAddsIsInTheDigest) {
  const auto digestOf = [](std::string_view text) {
    SimulatedRuntime runtime;
    return runtime.runOrThrow([&] { runtime.addToDigest(test::bytesOf(text)); }).schedule_digest;
  };
  EXPECT_EQ(digestOf("plaintext"), digestOf("plaintext"));
  EXPECT_NE(digestOf("plaintext"), digestOf("plain text"));
}

TEST(SimulatedRuntime, ADigestWithoutContentsStillHasSizes) {
  const auto digestOf = [](std::string_view answer) {
    return runConversation({.segmentation = false, .digest_contents = false}, answer).schedule_digest;
  };
  EXPECT_EQ(digestOf("answer"), digestOf("anSwer"));
  EXPECT_NE(digestOf("answer"), digestOf("answers"));
}

}  // namespace
}  // namespace jitrig
