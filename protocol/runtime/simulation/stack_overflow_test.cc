#include <cstddef>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/runtime/simulation/simulated_runtime.h"

namespace jitrig {
namespace {

/// A KiB of stack each time, which no compiler can do without.
__attribute__((noinline)) std::size_t descend(std::size_t depth) {
  volatile std::byte frame[1024] = {};
  frame[depth % sizeof(frame)] = std::byte{1};
  if (depth == 0) return 0;
  return descend(depth - 1) + static_cast<std::size_t>(frame[depth % sizeof(frame)]);
}

void overflow(bool on_host) {
  SimulatedRuntime runtime(SimulationOptions{.seed = 4711});
  runtime.run([&] {
    Runtime& place = on_host ? runtime.onHost("server1") : runtime;
    const auto task = place.spawn("recursive", [] { descend(1'000'000); });
  });
}

TEST(StackOverflowDeathTest, NamesTaskHostAndSeed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(overflow(/*on_host=*/true),
               "stack overflow of task \"recursive\" on host \"server1\": its 262144 bytes "
               ".SimulationOptions::stack_bytes. are used up; seed 4711");
  EXPECT_DEATH(overflow(/*on_host=*/false), "stack overflow of task \"recursive\": its 262144 bytes");
}

TEST(StackOverflowDeathTest, OtherFaultsAreNotTakenForOne) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto fault = [] {
    SimulatedRuntime runtime;
    runtime.run([] {
      volatile int* volatile nowhere = nullptr;
      *nowhere = 1;
    });
  };
  EXPECT_DEATH(fault(), testing::Not(testing::HasSubstr("stack overflow of task")));
}

}  // namespace
}  // namespace jitrig
