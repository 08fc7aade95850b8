// The client's activation policy, and what it does to threads: semantics.md, section 6.
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fakevm/activation_policy.h"
#include "fakevm/method_queue.h"
#include "protocol/runtime/runtime_under_test.h"

namespace jitrig::test {
namespace {

using enum ActivationPolicy;
using Memory = ServerMemoryState;
using ThreadsState = ServerActiveThreadsState;

struct Case {
  std::string name;
  ActivationPolicy before = aggressive;
  SaidServerStates said;
  ActivationPolicy after = aggressive;
};

class ActivationPolicyTest : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(
    , ActivationPolicyTest,
    ::testing::ValuesIn(std::vector<Case>{
        {"nothing_said", maintain, {}, maintain},
        {"well", aggressive, {.memory = Memory::normal, .threads = ThreadsState::normal}, aggressive},
        {"memory_low", aggressive, {.memory = Memory::low, .threads = ThreadsState::normal}, maintain},
        {"threads_high", aggressive, {.memory = Memory::normal, .threads = ThreadsState::high}, maintain},
        {"memory_very_low",
         aggressive,
         {.memory = Memory::veryLow, .threads = ThreadsState::normal},
         suspend},
        {"threads_very_high",
         aggressive,
         {.memory = Memory::normal, .threads = ThreadsState::veryHigh},
         suspend},
        {"the_worse_counts", maintain, {.memory = Memory::low, .threads = ThreadsState::veryHigh}, suspend},
        {"well_after_low", maintain, {.memory = Memory::normal, .threads = ThreadsState::normal}, subdue},
        {"well_after_very_low", suspend, {.memory = Memory::normal, .threads = ThreadsState::normal}, subdue},
        {"low_after_very_low", suspend, {.memory = Memory::low, .threads = ThreadsState::normal}, maintain},
        {"never_aggressive_again",
         subdue,
         {.memory = Memory::normal, .threads = ThreadsState::normal},
         subdue},
        {"low_again", subdue, {.memory = Memory::low, .threads = ThreadsState::normal}, maintain},
        {"memory_alone", suspend, {.memory = Memory::normal, .threads = std::nullopt}, subdue},
        {"low_memory_failure", aggressive, {.memory = Memory::veryLow, .threads = std::nullopt}, suspend}}),
    [](const auto& each) { return each.param.name; });

TEST_P(ActivationPolicyTest, FollowsFromWhatTheServerSaid) {
  const Case& given = GetParam();
  EXPECT_EQ(policyAfter(given.before, given.said), given.after);
}

TEST(StarvationThresholdTest, IsHalfAndDouble) {
  EXPECT_EQ(2 * starvationThreshold(aggressive), starvationThreshold(maintain));
  EXPECT_EQ(starvationThreshold(subdue), 2 * starvationThreshold(maintain));
}

/// Threads that take methods, each of which takes a second.
class Threads {
 public:
  Threads(Runtime& runtime, std::uint64_t methods, std::int64_t interval_ms)
      : runtime_(runtime),
        mutex_(runtime.makeMutex("test")),
        changed_(runtime.makeCondition("test")),
        queue_(runtime, *changed_, methods, interval_ms,
               [this](MethodQueue::Change change, std::size_t thread) {
                 if (change == MethodQueue::Change::activated) {
                   active_.insert(thread);
                 } else {
                   active_.erase(thread);
                 }
               }) {}

  void begin(std::size_t threads, bool by_policy) {
    queue_.begin(threads, by_policy);
    for (std::size_t i = 0; i < threads; ++i)
      tasks_.push_back(runtime_.spawn("thread", [this, i] { work(i); }));
  }
  void setPolicy(ActivationPolicy policy) {
    const Lock lock(*mutex_);
    queue_.setPolicy(policy);
  }
  void join() {
    for (const auto& task : tasks_) task->join();
    tasks_.clear();
  }
  std::size_t active() const {
    const Lock lock(*mutex_);
    EXPECT_EQ(active_.size(), queue_.activeThreads());
    return active_.size();
  }
  std::size_t working() const {
    const Lock lock(*mutex_);
    return working_;
  }
  std::size_t done() const {
    const Lock lock(*mutex_);
    return done_;
  }
  std::size_t suspended() const { return suspended_; }

 private:
  void work(std::size_t thread) {
    std::uint64_t number = 0;
    while (true) {
      {
        Lock lock(*mutex_);
        const auto next = queue_.take(lock, thread, number);
        if (next == MethodQueue::Next::end) return;
        if (next == MethodQueue::Next::suspend) {
          ++suspended_;
          continue;
        }
        ++working_;
      }
      runtime_.sleepUntil(runtime_.now() + std::chrono::seconds(1));
      const Lock lock(*mutex_);
      --working_;
      ++done_;
    }
  }

  Runtime& runtime_;
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> changed_;
  MethodQueue queue_;
  std::set<std::size_t> active_;
  std::size_t working_ = 0;
  std::size_t done_ = 0;
  std::size_t suspended_ = 0;
  std::vector<std::unique_ptr<Task>> tasks_;
};

void simulated(const std::function<void(Runtime&)>& body) {
  allRuntimes().back().run(body);
}

void waitUntil(Runtime& runtime, std::int64_t ms) {
  runtime.sleepUntil(Instant{} + std::chrono::milliseconds(ms));
}

TEST(MethodQueueTest, AllWorkAtOnceWhenAllMethodsAreThere) {
  simulated([](Runtime& runtime) {
    Threads threads(runtime, 10, 0);
    threads.begin(4, true);
    waitUntil(runtime, 500);
    EXPECT_EQ(threads.working(), 4U);
    threads.join();
    EXPECT_EQ(threads.done(), 10U);
  });
}

TEST(MethodQueueTest, OneThreadIsEnoughForRareMethods) {
  simulated([](Runtime& runtime) {
    Threads threads(runtime, 5, 2'000);
    threads.begin(3, true);
    threads.join();
    EXPECT_EQ(runtime.now().ns / 1'000'000, 9'000);
    EXPECT_EQ(threads.done(), 5U);
    EXPECT_EQ(threads.active(), 1U);
  });
}

TEST(MethodQueueTest, NoThreadIsActivatedInMaintain) {
  simulated([](Runtime& runtime) {
    Threads threads(runtime, 40, 200);
    threads.begin(6, true);
    waitUntil(runtime, 450);
    EXPECT_EQ(threads.active(), 3U);
    threads.setPolicy(maintain);
    waitUntil(runtime, 5'000);
    EXPECT_EQ(threads.active(), 3U);
    EXPECT_EQ(threads.suspended(), 0U);
    threads.setPolicy(subdue);
    waitUntil(runtime, 5'500);
    EXPECT_EQ(threads.active(), 6U);
    threads.join();
    EXPECT_EQ(threads.done(), 40U);
  });
}

TEST(MethodQueueTest, AllButOneAreSuspended) {
  simulated([](Runtime& runtime) {
    Threads threads(runtime, 30, 0);
    threads.begin(5, true);
    waitUntil(runtime, 500);
    threads.setPolicy(suspend);
    EXPECT_EQ(threads.active(), 5U);  // who compiles is not interrupted
    waitUntil(runtime, 1'500);
    EXPECT_EQ(threads.active(), 1U);
    EXPECT_EQ(threads.suspended(), 4U);
    waitUntil(runtime, 4'500);
    EXPECT_EQ(threads.done(), 8U);
    threads.setPolicy(subdue);
    waitUntil(runtime, 4'600);
    EXPECT_EQ(threads.active(), 5U);
    threads.join();
    EXPECT_EQ(threads.done(), 30U);
  });
}

TEST(MethodQueueTest, SubdueWaitsForMoreMethodsThanAggressive) {
  simulated([](Runtime& runtime) {
    Threads threads(runtime, 12, 400);
    threads.setPolicy(subdue);
    threads.begin(4, true);
    waitUntil(runtime, 1'900);
    EXPECT_EQ(threads.active(), 1U);  // three methods wait
    waitUntil(runtime, 2'500);
    EXPECT_EQ(threads.active(), 2U);  // four did
    threads.join();
    EXPECT_EQ(threads.done(), 12U);
  });
}

TEST(MethodQueueTest, ThreadsWithoutMethodsAreSuspendedToo) {
  simulated([](Runtime& runtime) {
    Threads threads(runtime, 4, 0);
    threads.begin(2, true);
    waitUntil(runtime, 500);
    threads.setPolicy(suspend);
    threads.join();  // also those that wait for nothing but a policy
    EXPECT_EQ(threads.done(), 4U);
  });
}

TEST(MethodQueueTest, WithoutAPolicyAllThreadsWork) {
  simulated([](Runtime& runtime) {
    Threads threads(runtime, 6, 100);
    threads.begin(3, false);
    threads.setPolicy(suspend);
    waitUntil(runtime, 350);
    EXPECT_EQ(threads.working(), 3U);
    threads.join();
    EXPECT_EQ(threads.done(), 6U);
  });
}

}  // namespace
}  // namespace jitrig::test
