// What ThreadSanitizer sees of a simulated world. Only a build with it has these tests.

#include "protocol/runtime/simulation/sanitizers.h"

#ifdef JITRIG_THREAD_SANITIZER

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <gtest/gtest.h>

#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/runtime/simulation/world_test_support.h"

namespace jitrig {
namespace {

int unprotected = 0;

void count() {
  ++unprotected;
}

TEST(RaceDeathTest, AMissingLockIsReportedAlthoughAllTasksShareOneThread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        SimulatedRuntime runtime;
        runtime.run([&] {
          const auto first = runtime.spawn("first", count);
          const auto second = runtime.spawn("second", count);
        });
        std::exit(0);
      },
      ::testing::ExitedWithCode(66), "data race");
}

TEST(RaceDeathTest, HostsShareNoMoreThanTheirMessagesOrder) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto race_across_hosts = [](std::uint64_t seed) {
    SimulatedRuntime runtime(SimulationOptions{.seed = seed});
    runtime.run([&] {
      const auto first = runtime.onHost("a").spawn("first", count);
      const auto second = runtime.onHost("b").spawn("second", [&] {
        runtime.sleepUntil(Instant{} + std::chrono::hours(1));  // time orders nothing
        count();
      });
    });
    std::exit(0);
  };
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    EXPECT_EXIT(race_across_hosts(seed), ::testing::ExitedWithCode(66), "data race");
  }
}

TEST(RaceDeathTest, ACrashOrdersNothingForTheNextLifeOfAHost) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        SimulatedRuntime runtime;
        runtime.run([&] {
          SimulatedHost& host = runtime.host("a");
          const auto first = host.runtime().spawn("first life", count);
          runtime.sleepUntil(Instant{} + std::chrono::seconds(1));
          host.crash(HostCrash::closes);
          host.runtime().spawn("second life", count);
        });
        std::exit(0);
      },
      ::testing::ExitedWithCode(66), "data race");
}

TEST(Race, JoiningTheTasksOfACrashedHostOrdersWhatTheyDid) {
  SimulatedRuntime runtime;
  int by_join = 0;
  runtime.runOrThrow([&] {
    SimulatedHost& host = runtime.host("a");
    struct Count {
      int& value;
      ~Count() { ++value; }
    };
    const auto task = host.runtime().spawn("dying", [&] {
      const Count count{by_join};
      runtime.sleepUntil(kNever);
    });
    runtime.sleepUntil(Instant{} + std::chrono::seconds(1));
    host.crash(HostCrash::resets);
    task->join();
    EXPECT_EQ(++by_join, 2);
  });
}

TEST(Race, LocksTasksAndLinksOrderWhatTheyShouldOrder) {
  SimulatedRuntime runtime;
  int by_lock = 0;
  int by_message = 0;
  runtime.runOrThrow([&] {
    const auto mutex = runtime.makeMutex("mutex");
    const auto pair = test::makeConnectedPair(runtime);
    const auto locked = [&] {
      const Lock lock(*mutex);
      ++by_lock;
    };
    const auto first = runtime.spawn("first", locked);
    const auto second = runtime.spawn("second", locked);
    const auto sender = runtime.spawn("sender", [&] {
      by_message = 1;
      ASSERT_TRUE(test::writeAll(*pair.client, "x"));
    });
    EXPECT_EQ(test::readUpTo(*pair.server, 1), "x");
    ++by_message;
    first->join();
    second->join();
    EXPECT_EQ(by_lock, 2);
  });
  EXPECT_EQ(by_message, 2);
}

}  // namespace
}  // namespace jitrig

#endif
