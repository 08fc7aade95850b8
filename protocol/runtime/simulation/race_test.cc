// What ThreadSanitizer sees of a simulated world. Only a build with it has these tests.

#include "protocol/runtime/simulation/sanitizers.h"

#ifdef JITRIG_THREAD_SANITIZER

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
