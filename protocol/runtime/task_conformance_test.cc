// What runtime.h promises of tasks, locks, the clock and randomness, on every Runtime.

#include <atomic>
#include <set>

#include "protocol/runtime/conformance_test.h"

namespace jitrig {
namespace {

class TaskConformance : public OnRuntime {};

TEST_P(TaskConformance, JoinWaitsForTheEnd) {
  run([](Runtime& runtime) {
    bool done = false;
    const auto task = runtime.spawn("slow", [&] {
      runtime.sleepUntil(runtime.now() + milliseconds(5));
      done = true;
    });
    task->join();
    EXPECT_TRUE(done);
    task->join();  // has ended already
  });
}

TEST_P(TaskConformance, JoinRethrowsOnce) {
  run([](Runtime& runtime) {
    const auto task = runtime.spawn("failing", [] { throw std::runtime_error("what it threw"); });
    EXPECT_THAT([&] { task->join(); }, testing::ThrowsMessage<std::runtime_error>("what it threw"));
    EXPECT_NO_THROW(task->join());
  });
}

TEST_P(TaskConformance, TheDestructorJoinsAndDropsAnException) {
  run([](Runtime& runtime) {
    bool done = false;
    {
      const auto task = runtime.spawn("failing", [&] {
        letOthersWait(runtime);
        done = true;
        throw std::runtime_error("nobody asks");
      });
    }
    EXPECT_TRUE(done);
  });
}

TEST_P(TaskConformance, ABodyIsDestroyedBeforeJoinReturns) {
  run([](Runtime& runtime) {
    const auto kept = std::make_shared<int>(1);
    const auto task = runtime.spawn("holder", [kept] { EXPECT_EQ(*kept, 1); });
    task->join();
    EXPECT_EQ(kept.use_count(), 1);
  });
}

TEST_P(TaskConformance, TasksHaveNamesAndMaySpawnOthers) {
  run([](Runtime& runtime) {
    EXPECT_EQ(runtime.taskName(), "main");
    std::string outer;
    std::string inner;
    runtime
        .spawn("compilation thread 2, of a long name",
               [&] {
                 outer = runtime.taskName();
                 runtime.spawn("inner", [&] { inner = runtime.taskName(); })->join();
               })
        ->join();
    EXPECT_EQ(outer, "compilation thread 2, of a long name");
    EXPECT_EQ(inner, "inner");
    EXPECT_EQ(runtime.taskName(), "main");
  });
}

TEST_P(TaskConformance, TaskLocalsBelongToTheirTaskAndEndWithIt) {
  run([](Runtime& runtime) {
    EXPECT_EQ(runtime.taskLocal(0), nullptr);
    runtime.taskLocal(0) = std::make_shared<std::string>("main's");
    const auto theirs = std::make_shared<std::string>("theirs");
    const auto task = runtime.spawn("other", [&] {
      for (std::size_t slot = 0; slot < kTaskLocalSlots; ++slot) EXPECT_EQ(runtime.taskLocal(slot), nullptr);
      runtime.taskLocal(0) = theirs;
      runtime.taskLocal(kTaskLocalSlots - 1) = theirs;
      letOthersWait(runtime);
      EXPECT_EQ(runtime.taskLocal(0), theirs);
    });
    letOthersWait(runtime);
    EXPECT_EQ(*std::static_pointer_cast<std::string>(runtime.taskLocal(0)), "main's");
    task->join();
    EXPECT_EQ(theirs.use_count(), 1);
    runtime.taskLocal(0) = nullptr;
  });
}

TEST_P(TaskConformance, TheClockGoesForwardAndSleepLastsUntilItsInstant) {
  run([](Runtime& runtime) {
    const Instant start = runtime.now();
    EXPECT_GE(start.ns, 0);
    runtime.sleepUntil(kAtOnce);
    runtime.sleepUntil(start);
    const Instant end = runtime.now() + milliseconds(5);
    runtime.sleepUntil(end);
    EXPECT_GE(runtime.now(), end);
  });
}

TEST_P(TaskConformance, OffloadRunsTheCallAndPassesItsException) {
  run([](Runtime& runtime) {
    bool called = false;
    runtime.offload([&] { called = true; });
    EXPECT_TRUE(called);
    EXPECT_THROW(runtime.offload([] { throw std::runtime_error("no such file"); }), std::runtime_error);
  });
}

TEST_P(TaskConformance, RandomNumbersMayBeDrawnFromAllTasks) {
  run([](Runtime& runtime) {
    std::vector<std::vector<std::uint64_t>> drawn(4);
    std::vector<std::unique_ptr<Task>> tasks;
    for (auto& numbers : drawn) {
      tasks.push_back(runtime.spawn("drawer", [&] {
        for (int count = 0; count < 200; ++count) numbers.push_back(runtime.random(RandomPurpose::workload));
      }));
    }
    for (const auto& task : tasks) task->join();
    std::set<std::uint64_t> different;
    for (const auto& numbers : drawn) different.insert(numbers.begin(), numbers.end());
    EXPECT_EQ(different.size(), 800U);
    EXPECT_NE(runtime.random(RandomPurpose::faults), runtime.random(RandomPurpose::network));
  });
}

class LockConformance : public OnRuntime {};

TEST_P(LockConformance, AMutexLetsOneTaskIn) {
  run([](Runtime& runtime) {
    const auto mutex = runtime.makeMutex("counter");
    int counter = 0;
    int inside = 0;
    std::vector<std::unique_ptr<Task>> tasks;
    for (int number = 0; number < 4; ++number) {
      tasks.push_back(runtime.spawn("incrementer", [&] {
        for (int count = 0; count < 200; ++count) {
          const Lock lock(*mutex);
          EXPECT_EQ(++inside, 1);
          ++counter;
          --inside;
        }
      }));
    }
    for (const auto& task : tasks) task->join();
    EXPECT_EQ(counter, 800);
  });
}

TEST_P(LockConformance, TryLockDoesNotWait) {
  run([](Runtime& runtime) {
    const auto mutex = runtime.makeMutex("tried");
    Lock lock(*mutex);
    bool entered = true;
    runtime.spawn("other", [&] { entered = mutex->try_lock(); })->join();
    EXPECT_FALSE(entered);
    lock.unlock();
    EXPECT_TRUE(mutex->try_lock());
    mutex->unlock();
  });
}

TEST_P(LockConformance, AConditionPassesOnWhatWasPutInAQueue) {
  run([](Runtime& runtime) {
    const auto mutex = runtime.makeMutex("queue");
    const auto not_empty = runtime.makeCondition("not empty");
    std::vector<int> queue;
    std::vector<int> taken;
    const auto consumer = runtime.spawn("consumer", [&] {
      Lock lock(*mutex);
      while (taken.size() < 100) {
        not_empty->wait(lock, kNever, [&] { return !queue.empty(); });
        EXPECT_TRUE(lock.owns_lock());
        taken.insert(taken.end(), queue.begin(), queue.end());
        queue.clear();
      }
    });
    std::vector<int> put;
    for (int number = 0; number < 100; ++number) {
      put.push_back(number);
      const Lock lock(*mutex);
      queue.push_back(number);
      not_empty->notifyOne();
    }
    consumer->join();
    EXPECT_EQ(taken, put);
  });
}

TEST_P(LockConformance, NotifyAllReachesEveryWaiter) {
  run([](Runtime& runtime) {
    const auto mutex = runtime.makeMutex("gate");
    const auto opened = runtime.makeCondition("opened");
    bool open = false;
    int passed = 0;
    std::vector<std::unique_ptr<Task>> tasks;
    for (int number = 0; number < 5; ++number) {
      tasks.push_back(runtime.spawn("waiter", [&] {
        Lock lock(*mutex);
        opened->wait(lock, kNever, [&] { return open; });
        ++passed;
      }));
    }
    letOthersWait(runtime);
    {
      const Lock lock(*mutex);
      open = true;
    }
    opened->notifyAll();
    for (const auto& task : tasks) task->join();
    EXPECT_EQ(passed, 5);
  });
}

TEST_P(LockConformance, AConditionWaitEndsAtItsDeadlineWithTheLockHeld) {
  run([](Runtime& runtime) {
    const auto mutex = runtime.makeMutex("test");
    const auto condition = runtime.makeCondition("never notified");
    Lock lock(*mutex);
    const Instant deadline = runtime.now() + milliseconds(20);
    EXPECT_FALSE(condition->wait(lock, deadline, [] { return false; }));
    EXPECT_GE(runtime.now(), deadline);
    EXPECT_TRUE(lock.owns_lock());
    bool entered = true;
    runtime.spawn("other", [&] { entered = mutex->try_lock(); })->join();
    EXPECT_FALSE(entered);
    EXPECT_FALSE(condition->wait(lock, kAtOnce));
  });
}

TEST_P(LockConformance, ThePredicateGoesBeforeTheDeadline) {
  run([](Runtime& runtime) {
    const auto mutex = runtime.makeMutex("test");
    const auto condition = runtime.makeCondition("true already");
    Lock lock(*mutex);
    EXPECT_TRUE(condition->wait(lock, kAtOnce, [] { return true; }));
  });
}

INSTANTIATE_TEST_SUITE_P(, TaskConformance, testing::ValuesIn(allRuntimes()), nameOfRuntime);
INSTANTIATE_TEST_SUITE_P(, LockConformance, testing::ValuesIn(allRuntimes()), nameOfRuntime);

}  // namespace
}  // namespace jitrig
