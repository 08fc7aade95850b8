#include "protocol/runtime/simulation/simulated_runtime.h"

#include <atomic>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "protocol/runtime/simulation/world_test_support.h"

namespace jitrig {
namespace {

using namespace std::chrono_literals;
using test::readUpTo;
using test::writeAll;
using ::testing::HasSubstr;

// ---- A world that uses everything: three producers feed a consumer, which sends to an echoing server ------

constexpr int kProducers = 3;
constexpr int kItemsEach = 4;

struct Outcome {
  SimulationResult result;
  int sum = 0;
  std::string order;   // which producer's items came when
  std::string echoed;  // what came back
};

class Queue {
 public:
  explicit Queue(Runtime& runtime)
      : mutex_(runtime.makeMutex("queue")), filled_(runtime.makeCondition("queue is filled")) {}

  void put(int item) {
    const Lock lock(*mutex_);
    items_.push_back(item);
    filled_->notifyOne();
  }

  int take() {
    Lock lock(*mutex_);
    filled_->wait(lock, kNever, [this] { return !items_.empty(); });
    const int item = items_.front();
    items_.erase(items_.begin());
    return item;
  }

 private:
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> filled_;
  std::vector<int> items_;
};

void echo(Acceptor& acceptor) {
  const auto connection = acceptor.accept(kNever).value();
  while (true) {
    const std::string text = readUpTo(*connection, 2);
    if (text.empty()) return;
    ASSERT_TRUE(writeAll(*connection, text));
  }
}

void produceAndEcho(Runtime& runtime, Outcome& outcome) {
  Queue queue(runtime);
  const auto acceptor = runtime.listen({.host = "server", .port = 38400}).value();
  const auto server = runtime.spawn("server", [&] { echo(*acceptor); });
  std::vector<std::unique_ptr<Task>> producers;
  for (int producer = 0; producer < kProducers; ++producer) {
    producers.push_back(runtime.spawn("producer", [&runtime, &queue, producer] {
      for (int item = 1; item <= kItemsEach; ++item) {
        runtime.sleepUntil(runtime.now() + Duration(runtime.random(RandomPurpose::workload) % 1'000));
        queue.put(producer * 100 + item);
      }
    }));
  }
  const auto connection = runtime.connect({.host = "server", .port = 38400}, kNever).value();
  for (int count = 0; count < kProducers * kItemsEach; ++count) {
    const int item = queue.take();
    outcome.sum += item;
    outcome.order += static_cast<char>('A' + item / 100);
    ASSERT_TRUE(writeAll(*connection, std::string(2, outcome.order.back())));
    outcome.echoed += readUpTo(*connection, 2);
  }
}

Outcome runWorld(const SimulationOptions& options) {
  Outcome outcome;
  SimulatedRuntime runtime(options);
  outcome.result = runtime.run([&] { produceAndEcho(runtime, outcome); });
  return outcome;
}

int expectedSum() {
  int sum = 0;
  for (int producer = 0; producer < kProducers; ++producer) {
    for (int item = 1; item <= kItemsEach; ++item) sum += producer * 100 + item;
  }
  return sum;
}

TEST(SimulatedRuntime, SameSeedSameRunAlsoWithADisturbedHeap) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Outcome first = runWorld({.seed = seed});
    std::vector<std::unique_ptr<std::string>> disturbance;
    for (std::size_t size = 1; size < 2'000; size += 7) {
      disturbance.push_back(std::make_unique<std::string>(size, 'x'));
      if (size % 3 == 0) disturbance[disturbance.size() / 2].reset();
    }
    const Outcome second = runWorld({.seed = seed});
    ASSERT_EQ(first.result.schedule_digest, second.result.schedule_digest) << "seed " << seed;
    ASSERT_EQ(first.result.steps, second.result.steps);
    ASSERT_EQ(first.result.end_time, second.result.end_time);
    ASSERT_EQ(first.order, second.order);
  }
}

TEST(SimulatedRuntime, AThousandSeedsFinishWithRightResultsInDifferentOrders) {
  std::set<std::uint64_t> digests;
  std::set<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    const Outcome outcome = runWorld({.seed = seed});
    ASSERT_EQ(outcome.result.outcome, SimulationOutcome::finished) << outcome.result.report;
    ASSERT_EQ(outcome.sum, expectedSum()) << "seed " << seed;
    ASSERT_EQ(outcome.echoed.size(), outcome.order.size() * 2);
    for (std::size_t index = 0; index < outcome.echoed.size(); ++index) {
      ASSERT_EQ(outcome.echoed[index], outcome.order[index / 2]);
    }
    digests.insert(outcome.result.schedule_digest);
    orders.insert(outcome.order);
  }
  EXPECT_EQ(digests.size(), 1'000U);
  EXPECT_GT(orders.size(), 500U);
}

// The same on every machine and with every compiler; to be changed only together with the simulator.
TEST(SimulatedRuntime, ADigestIsAPropertyOfTheSeedNotOfTheBuild) {
  EXPECT_EQ(runWorld({.seed = 42}).result.schedule_digest, 13897165383380552463U);
}

TEST(SimulatedRuntime, WithoutPreemptionTheSeedStillDecidesWhoRuns) {
  const SimulationOptions calm{.segmentation = false, .preempt_percent = 0, .spurious_wakeup_percent = 0};
  std::set<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulationOptions options = calm;
    options.seed = seed;
    const Outcome outcome = runWorld(options);
    ASSERT_EQ(outcome.sum, expectedSum()) << outcome.result.report;
    orders.insert(outcome.order);
  }
  EXPECT_GT(orders.size(), 10U);
}

// ---- Time -------------------------------------------------------------------------------------------------

TEST(SimulatedRuntime, AThirtySecondTimeoutIsThirtySecondsOfVirtualTime) {
  SimulatedRuntime runtime;
  const SimulationResult result = runtime.runOrThrow([&] {
    const auto pair = test::makeConnectedPair(runtime);
    const Instant deadline = runtime.now() + 30s;
    EXPECT_EQ(test::codeOf(test::readOnce(*pair.client, deadline)), NetErrc::timedOut);
    EXPECT_EQ(runtime.now(), deadline);
  });
  EXPECT_GE(result.end_time, Instant{} + 30s);
}

TEST(SimulatedRuntime, SleepersWakeInTheOrderOfTheirTimes) {
  SimulatedRuntime runtime;
  std::vector<int> order;
  runtime.runOrThrow([&] {
    const auto mutex = runtime.makeMutex("order");
    std::vector<std::unique_ptr<Task>> tasks;
    for (const int seconds : {3, 1, 2}) {
      tasks.push_back(runtime.spawn("sleeper", [&, seconds] {
        runtime.sleepUntil(Instant{} + std::chrono::seconds(seconds));
        EXPECT_EQ(runtime.now(), Instant{} + std::chrono::seconds(seconds));
        const Lock lock(*mutex);
        order.push_back(seconds);
      }));
    }
  });
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(SimulatedRuntime, SleepingUntilThePastTakesNoTime) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    runtime.sleepUntil(Instant{} + 5s);
    runtime.sleepUntil(Instant{} + 1s);
    runtime.sleepUntil(kAtOnce);
    EXPECT_EQ(runtime.now(), Instant{} + 5s);
  });
}

// ---- Tasks ------------------------------------------------------------------------------------------------

TEST(SimulatedRuntime, JoinRethrowsWhatTheBodyThrew) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto task = runtime.spawn("failing", [] { throw std::runtime_error("planned"); });
    EXPECT_THROW(task->join(), std::runtime_error);
    task->join();  // only once
  });
}

TEST(SimulatedRuntime, ADroppedHandleJoinsAndDropsTheException) {
  SimulatedRuntime runtime;
  bool ran = false;
  runtime.runOrThrow([&] {
    runtime.spawn("failing", [&] {
      runtime.sleepUntil(runtime.now() + 1s);
      ran = true;
      throw std::runtime_error("nobody asks");
    });
    EXPECT_TRUE(ran);
  });
}

TEST(SimulatedRuntime, RunWaitsForTasksThatOutliveMain) {
  SimulatedRuntime runtime;
  std::unique_ptr<Task> task;
  bool ran = false;
  runtime.runOrThrow([&] {
    task = runtime.spawn("long", [&] {
      runtime.sleepUntil(runtime.now() + 1h);
      ran = true;
    });
  });
  EXPECT_TRUE(ran);
  task.reset();
}

TEST(SimulatedRuntime, NamesAndLocalsBelongToTheTask) {
  SimulatedRuntime runtime;
  std::weak_ptr<void> local_of_task;
  runtime.runOrThrow([&] {
    EXPECT_EQ(runtime.taskName(), "main");
    runtime.taskLocal(0) = std::make_shared<int>(1);
    const auto task = runtime.spawn("worker 7", [&] {
      EXPECT_EQ(runtime.taskName(), "worker 7");
      EXPECT_EQ(runtime.taskLocal(0), nullptr);
      runtime.taskLocal(0) = std::make_shared<int>(2);
      local_of_task = runtime.taskLocal(0);
    });
    task->join();
    EXPECT_TRUE(local_of_task.expired());
    EXPECT_EQ(*static_cast<int*>(runtime.taskLocal(0).get()), 1);
    EXPECT_THROW(runtime.taskLocal(kTaskLocalSlots), std::out_of_range);
  });
}

TEST(SimulatedRuntime, OffloadRunsTheCallAndTakesNoVirtualTime) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const Instant before = runtime.now();
    int called = 0;
    runtime.offload([&] { ++called; });
    EXPECT_EQ(called, 1);
    EXPECT_EQ(runtime.now(), before);
    EXPECT_THROW(runtime.offload([] { throw std::runtime_error("no such file"); }), std::runtime_error);
  });
}

/// The first five numbers of one purpose, after so many draws for another, in a world that also schedules and
/// sends.
std::vector<std::uint64_t> drawFor(RandomPurpose purpose, RandomPurpose other, int draws_for_other) {
  SimulatedRuntime runtime(SimulationOptions{.seed = 9});
  std::vector<std::uint64_t> drawn;
  runtime.runOrThrow([&] {
    for (int draw = 0; draw < draws_for_other; ++draw) runtime.random(other);
    for (int draw = 0; draw < 5; ++draw) drawn.push_back(runtime.random(purpose));
  });
  return drawn;
}

TEST(SimulatedRuntime, StreamsOfRandomnessAreSeparate) {
  std::set<std::uint64_t> all;
  for (int purpose = 0; purpose < kRandomPurposes; ++purpose) {
    const auto one = static_cast<RandomPurpose>(purpose);
    const auto drawn = drawFor(one, one, 0);
    all.insert(drawn.begin(), drawn.end());
    for (int other = 0; other < kRandomPurposes; ++other) {
      if (other == purpose) continue;
      EXPECT_EQ(drawFor(one, static_cast<RandomPurpose>(other), 3), drawn) << purpose << " after " << other;
    }
  }
  EXPECT_EQ(all.size(), 5U * kRandomPurposes) << "two purposes share numbers";
}

TEST(SimulatedRuntime, WhatTheWorldItselfDrawsIsNobodyElses) {
  const auto drawAfterTraffic = [](bool traffic, RandomPurpose purpose) {
    SimulatedRuntime runtime(SimulationOptions{.seed = 9});
    std::uint64_t drawn = 0;
    runtime.runOrThrow([&] {
      if (traffic) {
        test::ConnectedPair pair = test::makeConnectedPair(runtime);
        const auto task = runtime.spawn("reader", [&] { test::readUpTo(*pair.server, 1'000); });
        ASSERT_TRUE(writeAll(*pair.client, std::string(1'000, 'x')));
        task->join();
      }
      drawn = runtime.random(purpose);
    });
    return drawn;
  };
  for (const RandomPurpose purpose : {RandomPurpose::faults, RandomPurpose::workload, RandomPurpose::tls}) {
    EXPECT_EQ(drawAfterTraffic(true, purpose), drawAfterTraffic(false, purpose));
  }
  EXPECT_NE(drawAfterTraffic(true, RandomPurpose::network), drawAfterTraffic(false, RandomPurpose::network));
  EXPECT_NE(drawAfterTraffic(true, RandomPurpose::schedule),
            drawAfterTraffic(false, RandomPurpose::schedule));
}

TEST(SimulatedRuntime, AThousandTasksAtOnce) {
  SimulatedRuntime runtime;
  std::atomic<int> ended = 0;
  runtime.runOrThrow([&] {
    std::vector<std::unique_ptr<Task>> tasks;
    for (int number = 0; number < 1'000; ++number) {
      tasks.push_back(runtime.spawn("one of many", [&] {
        runtime.sleepUntil(runtime.now() + 1ms);
        ++ended;
      }));
    }
  });
  EXPECT_EQ(ended, 1'000);
}

// ---- What main throws, and wrong use ----------------------------------------------------------------------

TEST(SimulatedRuntime, AnExceptionOfMainIsTheResult) {
  SimulatedRuntime runtime(SimulationOptions{.seed = 5});
  const SimulationResult result = runtime.run([] { throw std::runtime_error("planned"); });
  EXPECT_EQ(result.outcome, SimulationOutcome::failed);
  EXPECT_THAT(result.report, HasSubstr("seed 5"));
  EXPECT_THAT(result.report, HasSubstr("task \"main\" threw: planned"));
  EXPECT_THROW(std::rethrow_exception(result.exception), std::runtime_error);
}

TEST(SimulatedRuntime, RunOrThrowThrowsWhatMainThrew) {
  SimulatedRuntime runtime;
  EXPECT_THROW(runtime.runOrThrow([] { throw std::out_of_range("planned"); }), std::out_of_range);
}

TEST(SimulatedRuntime, ACallFromOutsideIsRefusedByName) {
  SimulatedRuntime runtime;
  const auto messageOf = [](auto call) -> std::string {
    try {
      call();
    } catch (const std::logic_error& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(messageOf([&] { runtime.now(); }), HasSubstr("Runtime::now: called from outside"));
  EXPECT_THAT(messageOf([&] { runtime.spawn("x", [] {}); }), HasSubstr("Runtime::spawn"));
  EXPECT_THAT(messageOf([&] { runtime.makeMutex("x"); }), HasSubstr("Runtime::makeMutex"));
  EXPECT_THAT(messageOf([&] { runtime.taskName(); }), HasSubstr("Runtime::taskName"));
  EXPECT_THAT(messageOf([&] { static_cast<void>(runtime.listen({})); }), HasSubstr("Runtime::listen"));
  EXPECT_THAT(messageOf([&] { static_cast<void>(runtime.connect({}, kNever)); }),
              HasSubstr("Runtime::connect"));

  runtime.runOrThrow([] {});
  EXPECT_THAT(messageOf([&] { runtime.now(); }), HasSubstr("Runtime::now: called from outside"));
  EXPECT_THAT(messageOf([&] { runtime.run([] {}); }), HasSubstr("runs only once"));
}

TEST(SimulatedRuntime, AnotherThreadIsOutside) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    bool refused = false;
    std::thread stranger([&] {
      try {
        runtime.now();
      } catch (const std::logic_error&) {
        refused = true;
      }
    });
    stranger.join();
    EXPECT_TRUE(refused);
  });
}

TEST(SimulatedRuntime, AWorldMayRunInsideATaskOfAnother) {
  SimulatedRuntime outer;
  outer.runOrThrow([&] {
    SimulatedRuntime inner;
    inner.runOrThrow([&] {
      inner.sleepUntil(Instant{} + 1h);
      EXPECT_THROW(outer.now(), std::logic_error);
    });
    EXPECT_EQ(outer.now(), Instant{});
  });
}

TEST(SimulatedRuntime, WhatAWorldMadeMayBeDestroyedAfterIt) {
  SimulatedRuntime runtime;
  test::ConnectedPair pair;
  std::unique_ptr<Connection> unaccepted;
  std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> pipe;
  std::unique_ptr<Selector> selector;
  std::unique_ptr<Mutex> mutex;
  runtime.runOrThrow([&] {
    pair = test::makeConnectedPair(runtime);
    ASSERT_TRUE(writeAll(*pair.client, "unread"));
    unaccepted = runtime.connect({.port = pair.acceptor->port()}, kNever).value();
    pipe = runtime.makePipe("pipe");
    selector = runtime.makeSelector("selector");
    selector->add(*pipe.first);
    selector->add(*pair.server);
    mutex = runtime.makeMutex("mutex");
  });
  selector.reset();
}

TEST(SimulatedRuntime, OptionsWithoutSenseAreNamed) {
  const auto messageOf = [](const SimulationOptions& options) -> std::string {
    try {
      const SimulatedRuntime runtime(options);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(messageOf({.min_latency = -1ns}), HasSubstr("min_latency"));
  EXPECT_THAT(messageOf({.min_latency = 2ms, .max_latency = 1ms}), HasSubstr("max_latency"));
  EXPECT_THAT(messageOf({.min_link_buffer_bytes = 0}), HasSubstr("min_link_buffer_bytes"));
  EXPECT_THAT(messageOf({.min_link_buffer_bytes = 9, .max_link_buffer_bytes = 8}),
              HasSubstr("max_link_buffer_bytes"));
  EXPECT_THAT(messageOf({.preempt_percent = 101}), HasSubstr("preempt_percent"));
  EXPECT_THAT(messageOf({.spurious_wakeup_percent = 100}), HasSubstr("spurious_wakeup_percent"));
  EXPECT_THAT(messageOf({.step_budget = 0}), HasSubstr("step_budget"));
  EXPECT_THAT(messageOf({.virtual_time_budget = 0ns}), HasSubstr("virtual_time_budget"));
  EXPECT_THAT(messageOf({.stack_bytes = 100}), HasSubstr("stack_bytes"));
}

TEST(SimulatedRuntime, AStackThatCannotBeMappedIsAnErrorNotACrash) {
  SimulatedRuntime runtime(SimulationOptions{.stack_bytes = std::size_t{1} << 60U});
  EXPECT_THROW(runtime.run([] {}), std::runtime_error);
}

}  // namespace
}  // namespace jitrig
