#include "protocol/runtime/simulation/timer_queue.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "protocol/runtime/random_stream.h"

namespace jitrig::simulation {
namespace {

struct Bell final : Timer {
  void fire() override { ++rings; }
  std::int64_t time_ns = 0;
  int number = 0;
  int rings = 0;
};

TEST(TimerQueue, IsOrderedByTimeThenBySetting) {
  TimerQueue queue;
  RandomStream random(7);
  std::vector<std::unique_ptr<Bell>> bells;
  std::vector<std::pair<std::int64_t, int>> expected;
  for (int number = 0; number < 500; ++number) {
    auto bell = std::make_unique<Bell>();
    bell->time_ns = static_cast<std::int64_t>(random.below(50));
    bell->number = number;
    queue.set(*bell, Instant{bell->time_ns});
    bells.push_back(std::move(bell));
  }
  for (const auto& bell : bells) {  // a third does not happen after all
    if (random.chance(1, 3)) {
      queue.remove(*bell);
      EXPECT_FALSE(bell->isSet());
    } else {
      expected.emplace_back(bell->time_ns, bell->number);
    }
  }
  std::ranges::sort(expected);
  for (const auto& [time_ns, number] : expected) {
    ASSERT_EQ(queue.nextTime(), Instant{time_ns});
    ASSERT_EQ(static_cast<Bell&>(queue.takeNext()).number, number);
  }
  EXPECT_TRUE(queue.empty());
}

/// As deadlines are: set for later and later, withdrawn before they come, sometimes sooner.
TEST(TimerQueue, WithdrawnAndSetAgainIsAsSetOnce) {
  TimerQueue queue;
  RandomStream random(11);
  std::vector<std::unique_ptr<Bell>> bells(20);
  for (auto& bell : bells) bell = std::make_unique<Bell>();
  std::int64_t now_ns = 0;
  for (int number = 0; number < 5'000; ++number) {
    Bell& bell = *bells[random.below(bells.size())];
    queue.withdraw(bell);
    EXPECT_FALSE(bell.isSet());
    if (random.chance(4, 5)) {
      bell.time_ns = now_ns + static_cast<std::int64_t>(random.below(50));
      bell.number = number;
      queue.set(bell, Instant{bell.time_ns});
    }
    if (!random.chance(1, 10)) continue;
    const auto first = std::ranges::min_element(
        bells, {}, [](const auto& each) { return std::tuple(!each->isSet(), each->time_ns, each->number); });
    ASSERT_EQ(queue.empty(), !(*first)->isSet());
    if (queue.empty()) continue;
    ASSERT_EQ(queue.nextTime(), Instant{(*first)->time_ns});
    now_ns = (*first)->time_ns;
    ASSERT_EQ(&queue.takeNext(), first->get());
  }
  for (const auto& bell : bells) queue.remove(*bell);
  EXPECT_TRUE(queue.empty());
}

TEST(TimerQueue, RemovingWhatIsNotSetDoesNothing) {
  TimerQueue queue;
  Bell bell;
  queue.remove(bell);
  queue.set(bell, Instant{1});
  queue.clear();
  queue.remove(bell);
  EXPECT_TRUE(queue.empty());
  queue.set(bell, Instant{2});
  EXPECT_EQ(&queue.takeNext(), &bell);
}

}  // namespace
}  // namespace jitrig::simulation
