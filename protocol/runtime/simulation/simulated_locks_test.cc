#include "protocol/runtime/simulation/simulated_locks.h"

#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "protocol/runtime/simulation/world_test_support.h"

namespace jitrig {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// Ten increments by each of two tasks, read and written in two steps; how much is counted in the end.
int countWith(const SimulationOptions& options, bool locked) {
  SimulatedRuntime runtime(options);
  std::atomic<int> counted = 0;  // atomic, so that only the update can be lost
  runtime.runOrThrow([&] {
    const auto mutex = runtime.makeMutex("counter");
    const auto other = runtime.makeMutex("something else");
    const auto count = [&] {
      for (int round = 0; round < 10; ++round) {
        Lock lock(*mutex, std::defer_lock);
        if (locked) lock.lock();
        const int before = counted;
        {
          const Lock elsewhere(*other);
        }
        counted = before + 1;
      }
    };
    const auto first = runtime.spawn("first", count);
    const auto second = runtime.spawn("second", count);
  });
  return counted;
}

TEST(SimulatedMutex, ExcludesAtAnyPreemption) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    ASSERT_EQ(countWith({.seed = seed, .preempt_percent = 50}, true), 20) << "seed " << seed;
  }
}

TEST(SimulatedMutex, PreemptionAtLockPointsFindsTheMissingLock) {
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    if (countWith({.seed = seed}, false) < 20) ++lost;
  }
  EXPECT_GT(lost, 25);
  EXPECT_EQ(countWith({.preempt_percent = 0}, false), 20);  // which is why there is preemption
}

TEST(SimulatedMutex, TryLockDoesNotWait) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto mutex = runtime.makeMutex("mutex");
    const Lock lock(*mutex);
    const auto task = runtime.spawn("other", [&] { EXPECT_FALSE(mutex->try_lock()); });
    task->join();
  });
}

TEST(SimulatedMutex, OnlyTheHolderMayUnlock) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto mutex = runtime.makeMutex("mutex");
    const Lock lock(*mutex);
    const auto task = runtime.spawn("stranger", [&] {
      try {
        mutex->unlock();
        ADD_FAILURE() << "an exception was expected";
      } catch (const std::logic_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("mutex \"mutex\": task \"stranger\" unlocks it"));
      }
    });
    task->join();
  });
}

TEST(SimulatedCondition, NeedsALockThatIsHeld) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto mutex = runtime.makeMutex("mutex");
    const auto condition = runtime.makeCondition("condition");
    Lock lock(*mutex, std::defer_lock);
    EXPECT_THROW(condition->wait(lock, kNever), std::logic_error);
  });
}

TEST(SimulatedCondition, TheDeadlineEndsTheWait) {
  SimulatedRuntime runtime(SimulationOptions{.spurious_wakeup_percent = 0});
  runtime.runOrThrow([&] {
    const auto mutex = runtime.makeMutex("mutex");
    const auto condition = runtime.makeCondition("condition");
    Lock lock(*mutex);
    EXPECT_FALSE(condition->wait(lock, Instant{} + 3s));
    EXPECT_EQ(runtime.now(), Instant{} + 3s);
    EXPECT_FALSE(condition->wait(lock, kAtOnce));
    EXPECT_TRUE(lock.owns_lock());
  });
}

// Both fall on one instant; the seed says which task runs first. A notification that reached the waiting task
// must not be reported as a timeout.
TEST(SimulatedCondition, ANotificationAtTheMomentOfTheDeadlineIsNotLost) {
  std::set<bool> results;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulatedRuntime runtime(
        SimulationOptions{.seed = seed, .preempt_percent = 0, .spurious_wakeup_percent = 0});
    std::atomic<bool> has_returned = false;
    std::atomic<bool> result = false;
    bool came_too_late = false;
    runtime.runOrThrow([&] {
      const auto mutex = runtime.makeMutex("mutex");
      const auto condition = runtime.makeCondition("condition");
      const auto waiter = runtime.spawn("waiter", [&] {
        Lock lock(*mutex);
        result = condition->wait(lock, Instant{} + 1s);
        has_returned = true;
      });
      runtime.sleepUntil(Instant{} + 1s);
      came_too_late = has_returned;
      condition->notifyOne();
    });
    EXPECT_EQ(result, !came_too_late) << "seed " << seed;
    results.insert(result);
  }
  EXPECT_EQ(results.size(), 2U);  // both orders occurred
}

TEST(SimulatedCondition, NotifyOneWakesOneChosenBySeed) {
  std::set<int> chosen;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulatedRuntime runtime(SimulationOptions{.seed = seed, .spurious_wakeup_percent = 0});
    std::vector<int> woken;
    runtime.runOrThrow([&] {
      const auto mutex = runtime.makeMutex("mutex");
      const auto condition = runtime.makeCondition("condition");
      std::vector<std::unique_ptr<Task>> waiters;
      for (int number = 0; number < 3; ++number) {
        waiters.push_back(runtime.spawn("waiter", [&, number] {
          Lock lock(*mutex);
          condition->wait(lock, kNever);
          woken.push_back(number);
        }));
      }
      runtime.sleepUntil(Instant{} + 1s);
      condition->notifyOne();
      runtime.sleepUntil(Instant{} + 2s);
      {
        const Lock lock(*mutex);
        EXPECT_EQ(woken.size(), 1U);
      }
      condition->notifyAll();
    });
    EXPECT_EQ(woken.size(), 3U);
    chosen.insert(woken.front());
  }
  EXPECT_EQ(chosen, (std::set<int>{0, 1, 2}));
}

TEST(SimulatedCondition, SpuriousWakeUpsHappenBySeed) {
  int spurious = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SimulatedRuntime runtime(SimulationOptions{.seed = seed, .spurious_wakeup_percent = 20});
    runtime.runOrThrow([&] {
      const auto mutex = runtime.makeMutex("mutex");
      const auto condition = runtime.makeCondition("condition");
      Lock lock(*mutex);
      if (condition->wait(lock, Instant{} + 1s)) ++spurious;  // nobody notifies
    });
  }
  EXPECT_GT(spurious, 5);
  EXPECT_LT(spurious, 60);
}

}  // namespace
}  // namespace jitrig
