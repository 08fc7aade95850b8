// How worlds end that cannot go on: the report, and the unwinding of all stacks.

#include <atomic>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/runtime/simulation/world_test_support.h"

namespace jitrig {
namespace {

using namespace std::chrono_literals;
using test::Witness;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

const SimulationOptions kCalm{.segmentation = false, .preempt_percent = 0, .spurious_wakeup_percent = 0};

TEST(Deadlock, TwoMutexesCrossed) {
  SimulatedRuntime runtime(kCalm);
  std::atomic<int> destroyed = 0;
  const SimulationResult result = runtime.run([&] {
    const auto first = runtime.makeMutex("first");
    const auto second = runtime.makeMutex("second");
    const auto takeBoth = [&](Mutex& one, Mutex& other) {
      const Witness witness(destroyed);
      const Lock lock_one(one);
      runtime.sleepUntil(Instant{} + 1s);
      const Lock lock_other(other);
    };
    const auto forward = runtime.spawn("forward", [&] { takeBoth(*first, *second); });
    const auto backward = runtime.spawn("backward", [&] { takeBoth(*second, *first); });
    forward->join();
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
  EXPECT_THAT(result.report, HasSubstr("deadlock"));
  EXPECT_THAT(result.report, HasSubstr("seed 1, virtual time 1.000000000 s"));
  EXPECT_THAT(result.report,
              HasSubstr("task \"forward\" waits for mutex \"second\" held by task \"backward\" since "
                        "1.000000000 s"));
  EXPECT_THAT(result.report,
              HasSubstr("task \"backward\" waits for mutex \"first\" held by task \"forward\""));
  EXPECT_THAT(result.report, HasSubstr("task \"main\" joins task \"forward\" since 0.000000000 s"));
  EXPECT_THAT(result.report, Not(HasSubstr("abandoned")));
  EXPECT_EQ(destroyed, 2);
  EXPECT_EQ(result.exception, nullptr);
}

TEST(Deadlock, AMutexLockedTwiceByOneTask) {
  SimulatedRuntime runtime(kCalm);
  const SimulationResult result = runtime.run([&] {
    const auto mutex = runtime.makeMutex("once");
    const Lock first(*mutex);
    const Lock second(*mutex);
  });
  EXPECT_THAT(result.report, HasSubstr("task \"main\" waits for mutex \"once\" held by task \"main\""));
}

TEST(Deadlock, AMutexWhoseHolderHasEnded) {
  SimulatedRuntime runtime(kCalm);
  const SimulationResult result = runtime.run([&] {
    const auto mutex = runtime.makeMutex("kept");
    runtime.spawn("careless", [&] { mutex->lock(); });
    const Lock lock(*mutex);
  });
  EXPECT_THAT(result.report,
              HasSubstr("waits for mutex \"kept\" held by task \"careless\", which has ended"));
}

TEST(Deadlock, AReaderOfASilentConnection) {
  SimulatedRuntime runtime(kCalm);
  std::atomic<int> destroyed = 0;
  std::string name;
  const SimulationResult result = runtime.run([&] {
    const auto pair = test::makeConnectedPair(runtime);
    name = pair.client->name();
    const auto reader = runtime.spawn("reader", [&] {
      const Witness witness(destroyed);
      static_cast<void>(test::readOnce(*pair.client));
      ADD_FAILURE() << "it cannot come to an end";
    });
    reader->join();
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
  EXPECT_THAT(result.report, HasSubstr("task \"reader\" reads from connection \"" + name + "\" since 0.000"));
  EXPECT_THAT(result.report, HasSubstr("task \"main\" joins task \"reader\""));
  EXPECT_EQ(destroyed, 1);
}

TEST(Deadlock, EveryOtherPlaceToWait) {
  SimulatedRuntime runtime(kCalm);
  const SimulationResult result = runtime.run([&] {
    const auto mutex = runtime.makeMutex("mutex");
    const auto condition = runtime.makeCondition("never true");
    const auto selector = runtime.makeSelector("idle");
    const auto acceptor = runtime.listen({.host = "host", .port = 38400}).value();
    const auto client = runtime.connect({.host = "host", .port = 38400}, kNever).value();
    const auto server = acceptor->accept(kNever).value();
    const auto waiter = runtime.spawn("waiter", [&] {
      Lock lock(*mutex);
      condition->wait(lock, kNever, [] { return false; });
    });
    const auto selecting = runtime.spawn("selecting", [&] { selector->wait(kNever); });
    const auto accepting = runtime.spawn("accepting", [&] { static_cast<void>(acceptor->accept(kNever)); });
    const auto writing = runtime.spawn(
        "writing", [&] { static_cast<void>(test::writeAll(*server, std::string(1'000'000, 'x'))); });
    runtime.sleepUntil(kNever);
  });
  EXPECT_THAT(result.report, HasSubstr("task \"waiter\" waits at condition \"never true\""));
  EXPECT_THAT(result.report, HasSubstr("task \"selecting\" waits at selector \"idle\""));
  EXPECT_THAT(result.report, HasSubstr("task \"accepting\" accepts at \"host:38400\""));
  EXPECT_THAT(result.report, HasSubstr("task \"writing\" writes to connection \"host:38400 -> host:"));
  EXPECT_THAT(result.report, HasSubstr("task \"main\" sleeps since"));
  EXPECT_THAT(result.report, Not(HasSubstr("abandoned")));
}

TEST(Deadlock, RunOrThrowThrowsTheReport) {
  SimulatedRuntime runtime;
  try {
    runtime.runOrThrow([&] { runtime.sleepUntil(kNever); });
    FAIL() << "an exception was expected";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("task \"main\" sleeps"));
  }
}

TEST(Deadlock, ATaskThatDiedIsMentioned) {
  SimulatedRuntime runtime(kCalm);
  const SimulationResult result = runtime.run([&] {
    const auto pair = test::makeConnectedPair(runtime);
    const auto server = runtime.spawn("server", [] { throw std::runtime_error("planned"); });
    static_cast<void>(test::readOnce(*pair.client));
  });
  EXPECT_THAT(result.report, HasSubstr("task \"server\" had ended with an exception"));
}

TEST(Deadlock, AnExceptionOfMainIsKeptWhileItsTasksCannotEnd) {
  SimulatedRuntime runtime;
  const SimulationResult result = runtime.run([&] {
    const auto stuck = runtime.spawn("stuck", [&] { runtime.sleepUntil(kNever); });
    throw std::runtime_error("the cause");
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
  EXPECT_THAT(result.report, HasSubstr("task \"main\" joins task \"stuck\""));
  EXPECT_THAT(result.report, HasSubstr("task \"main\" threw: the cause"));
  EXPECT_THROW(std::rethrow_exception(result.exception), std::runtime_error);
}

// ---- Unwinding --------------------------------------------------------------------------------------------

TEST(WorldEnd, IsNoErrorThatAHandlerCouldTakeForOne) {
  SimulatedRuntime runtime;
  int handled = 0;
  const SimulationResult result = runtime.run([&] {
    try {
      runtime.sleepUntil(kNever);
    } catch (const std::exception&) {
      ++handled;
    }
  });
  EXPECT_EQ(handled, 0);
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
}

TEST(WorldEnd, AConditionIsLeftWithItsLockHeld) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SimulatedRuntime runtime(SimulationOptions{.seed = seed});
    bool owned = false;
    runtime.run([&] {
      const auto mutex = runtime.makeMutex("mutex");
      const auto condition = runtime.makeCondition("condition");
      Lock lock(*mutex);
      try {
        condition->wait(lock, kNever, [] { return false; });
      } catch (const WorldEnded&) {
        owned = lock.owns_lock() && !mutex->try_lock();
        throw;
      }
    });
    ASSERT_TRUE(owned) << "seed " << seed;
  }
}

TEST(WorldEnd, DestructorsMayUseTheRuntimeWhileTheStackIsUnwound) {
  SimulatedRuntime runtime(kCalm);
  NetErrc read = NetErrc::other;
  bool condition_ended = false;
  const SimulationResult result = runtime.run([&] {
    const auto pair = test::makeConnectedPair(runtime);
    const auto mutex = runtime.makeMutex("mutex");
    const auto condition = runtime.makeCondition("condition");
    struct LastWords {
      std::function<void()> say;
      ~LastWords() { say(); }
    };
    const LastWords last_words{[&] {
      read = test::codeOf(test::readOnce(*pair.client));
      Lock lock(*mutex);
      condition_ended = !condition->wait(lock, kNever, [] { return false; });
      condition->notifyAll();
      runtime.sleepUntil(kNever);
    }};
    runtime.sleepUntil(kNever);
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
  EXPECT_EQ(read, NetErrc::cancelled);
  EXPECT_TRUE(condition_ended);
  EXPECT_THAT(result.report, Not(HasSubstr("abandoned")));
}

TEST(WorldEnd, ATaskThatNeverBeganDoesNotBegin) {
  SimulatedRuntime runtime(SimulationOptions{.preempt_percent = 0, .step_budget = 100});
  bool began = false;
  const SimulationResult result = runtime.run([&] {
    const auto late = runtime.spawn("late", [&] { began = true; });
    while (true) runtime.now();
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::stepBudgetUsed);
  EXPECT_FALSE(began);
}

// A task that swallows the end is given up and named. Its stack stays; it must hold nothing of the test's.
TEST(WorldEnd, ATaskThatSwallowsItIsAbandonedAndNamed) {
  SimulatedRuntime runtime(kCalm);
  std::atomic<int> destroyed = 0;
  const SimulationResult result = runtime.run([&] {
    const Witness witness(destroyed);
    const auto stubborn = runtime.spawn("stubborn", [&runtime] {
      while (true) {
        try {
          runtime.sleepUntil(kNever);
        } catch (const WorldEnded&) {  // wrongly
        }
      }
    });
    stubborn->join();
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
  EXPECT_THAT(result.report, HasSubstr("task \"stubborn\" did not let itself be ended and was abandoned"));
  EXPECT_EQ(destroyed, 1);
}

TEST(WorldEnd, TasksThatWaitForEachOtherInDestructorsAreAbandonedOneByOne) {
  SimulatedRuntime runtime(kCalm);
  const SimulationResult result = runtime.run([&] {
    auto knot = std::make_shared<std::pair<std::unique_ptr<Task>, std::unique_ptr<Task>>>();
    const std::shared_ptr<Mutex> tying = runtime.makeMutex("tying the knot");
    const Lock lock(*tying);
    Runtime* const world = &runtime;
    knot->first = world->spawn("left", [knot, tying, world] {
      world->sleepUntil(Instant{} + 1s);
      {
        const Lock tied(*tying);
      }
      knot->second.reset();
    });
    knot->second = world->spawn("right", [knot, tying, world] {
      world->sleepUntil(Instant{} + 1s);
      {
        const Lock tied(*tying);
      }
      knot->first.reset();
    });
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
  EXPECT_THAT(result.report, HasSubstr("task \"left\" joins task \"right\""));
  EXPECT_THAT(result.report, HasSubstr("was abandoned"));
}

TEST(WorldEndDeathTest, ADestructorThatWaitsIsNamedBeforeTheProcessDies) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  struct WaitsInItsDestructor {
    Runtime& runtime;
    ~WaitsInItsDestructor() { runtime.sleepUntil(kNever); }
  };
  EXPECT_DEATH(
      {
        SimulatedRuntime runtime;
        runtime.run([&] { const WaitsInItsDestructor waiting{runtime}; });
      },
      "task \"main\" waited in a destructor");
}

// ---- Exceptions of many tasks at once ---------------------------------------------------------------------

// libstdc++ keeps the exceptions being handled in a list per thread; fibers that wait inside catch blocks
// would pop each other's.
TEST(Exceptions, TasksMayWaitInsideCatchBlocks) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SimulatedRuntime runtime(SimulationOptions{.seed = seed});
    std::atomic<int> kept = 0;
    runtime.runOrThrow([&] {
      std::vector<std::unique_ptr<Task>> tasks;
      for (int number = 0; number < 5; ++number) {
        tasks.push_back(runtime.spawn("catching", [&runtime, &kept, number] {
          const std::string text = "exception number " + std::to_string(number);
          try {
            throw std::runtime_error(text);
          } catch (const std::runtime_error& error) {
            runtime.sleepUntil(runtime.now() + Duration(runtime.random(RandomPurpose::workload) % 100));
            try {
              throw;
            } catch (const std::runtime_error& again) {
              runtime.sleepUntil(runtime.now() + Duration(runtime.random(RandomPurpose::workload) % 100));
              if (text == again.what() && text == error.what()) ++kept;
            }
          }
        }));
      }
    });
    ASSERT_EQ(kept, 5) << "seed " << seed;
  }
}

TEST(Exceptions, InFlightOnesAreCountedPerTask) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    struct Sleeper {
      Runtime& runtime;
      ~Sleeper() { runtime.sleepUntil(runtime.now() + 1s); }
    };
    const auto unwinding = runtime.spawn("unwinding", [&] {
      const Sleeper sleeper{runtime};
      throw std::runtime_error("planned");
    });
    runtime.sleepUntil(Instant{} + 500ms);
    EXPECT_EQ(std::uncaught_exceptions(), 0);
    EXPECT_THROW(unwinding->join(), std::runtime_error);
  });
}

// ---- Budgets ----------------------------------------------------------------------------------------------

TEST(Budget, StepsEndAWorldThatSpins) {
  SimulatedRuntime runtime(SimulationOptions{.step_budget = 10'000});
  std::atomic<int> destroyed = 0;
  const SimulationResult result = runtime.run([&] {
    const Witness witness(destroyed);
    while (runtime.now() < Instant{} + 1s) {
    }
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::stepBudgetUsed);
  EXPECT_THAT(result.report, HasSubstr("step budget"));
  EXPECT_THAT(result.report, HasSubstr("task \"main\" is running"));
  EXPECT_THAT(result.report, Not(HasSubstr("abandoned")));
  EXPECT_EQ(destroyed, 1);
}

TEST(Budget, StepsEndAWorldThatPollsForWhatNeverComes) {
  SimulatedRuntime runtime(SimulationOptions{.step_budget = 10'000});
  const SimulationResult result = runtime.run([&] {
    const auto pair = test::makeConnectedPair(runtime);
    const auto waiting = runtime.spawn("waiting", [&] { static_cast<void>(test::readOnce(*pair.server)); });
    while (true) static_cast<void>(test::readOnce(*pair.client, kAtOnce));
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::stepBudgetUsed);
  EXPECT_THAT(result.report, HasSubstr("task \"waiting\" reads from connection"));
}

TEST(Budget, VirtualTimeEndsAWorldThatPollsForEver) {
  SimulatedRuntime runtime(SimulationOptions{.virtual_time_budget = 1min});
  int rounds = 0;
  const SimulationResult result = runtime.run([&] {
    while (true) {
      runtime.sleepUntil(runtime.now() + 1s);
      ++rounds;
    }
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::virtualTimeUsed);
  EXPECT_EQ(rounds, 60);
  EXPECT_EQ(result.end_time, Instant{} + 60s);
  EXPECT_THAT(result.report, HasSubstr("task \"main\" sleeps since 60.000000000 s until 61.000000000 s"));
}

}  // namespace
}  // namespace jitrig
