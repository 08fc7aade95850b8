// Hosts that crash, in each of the ways, and what the others see of it.

#include <atomic>
#include <string>
#include <vector>

#include "protocol/runtime/simulation/host_test_support.h"

namespace jitrig {
namespace {

using test::codeOf;
using test::HostTest;
using test::readOnce;
using test::readUpTo;
using test::TwoHosts;
using test::writeAll;
using namespace std::chrono_literals;

/// What the client of a server that crashes sees of it.
NetErrc seenByClient(std::uint64_t seed, HostCrash how, bool unread_bytes) {
  SimulatedRuntime runtime(SimulationOptions{.seed = seed});
  NetErrc seen = NetErrc::other;
  runtime.runOrThrow([&] {
    TwoHosts hosts(runtime);
    if (unread_bytes) static_cast<void>(writeAll(*hosts.at_client, "unread").value());
    runtime.sleepUntil(runtime.now() + 1s);
    hosts.server.crash(how);
    hosts.at_server.reset();  // as unwinding does it: the dead say nothing any more
    seen = codeOf(readOnce(*hosts.at_client, runtime.now() + 30s));
  });
  return seen;
}

TEST_P(HostTest, ACrashIsSeenAsItIsAskedFor) {
  EXPECT_EQ(seenByClient(GetParam(), HostCrash::closes, false), NetErrc::endOfFile);
  EXPECT_EQ(seenByClient(GetParam(), HostCrash::closes, true), NetErrc::reset);
  EXPECT_EQ(seenByClient(GetParam(), HostCrash::resets, false), NetErrc::reset);
  EXPECT_EQ(seenByClient(GetParam(), HostCrash::vanishes, false), NetErrc::timedOut);
  EXPECT_EQ(seenByClient(GetParam(), HostCrash::vanishes, true), NetErrc::timedOut);
}

TEST_P(HostTest, TasksOfACrashedHostAreUnwoundWhereverTheyWait) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    std::atomic<int> destroyed = 0;
    const auto mutex = runtime.makeMutex("mutex");
    const auto condition = runtime.makeCondition("condition");
    const auto selector = runtime.makeSelector("selector");
    runtime.host("away").setReachability(Reachability::lost);
    std::vector<std::unique_ptr<Task>> tasks;
    const auto spawn = [&](const char* name, std::function<void()> body) {
      tasks.push_back(hosts.server.runtime().spawn(name, [&destroyed, body = std::move(body)] {
        const test::Witness witness(destroyed);
        body();
        ADD_FAILURE() << "it went on";
      }));
    };
    spawn("reads", [&] { static_cast<void>(readOnce(*hosts.at_server)); });
    spawn("accepts", [&] { static_cast<void>(hosts.acceptor->accept(kNever)); });
    spawn("sleeps", [&] { runtime.sleepUntil(runtime.now() + 1h); });
    spawn("selects", [&] { static_cast<void>(selector->wait(kNever)); });
    spawn("waits", [&] {
      Lock lock(*mutex);
      condition->wait(lock, kNever);
    });
    spawn("joins", [&] { runtime.spawn("child", [&] { runtime.sleepUntil(kNever); })->join(); });
    spawn("connects", [&] { static_cast<void>(runtime.connect({.host = "away", .port = 1}, kNever)); });
    runtime.sleepUntil(runtime.now() + 1s);
    const Instant crash = runtime.now();
    hosts.server.crash(HostCrash::resets);
    tasks.clear();  // joins them
    EXPECT_EQ(destroyed, 7);
    EXPECT_EQ(runtime.now(), crash);
    EXPECT_TRUE(mutex->try_lock());
    mutex->unlock();
  });
}

TEST_P(HostTest, AnotherProcessMayListenOnTheSamePortAtOnce) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    const Endpoint place{.host = "server", .port = 38400};
    hosts.server.crash(HostCrash::closes);
    EXPECT_EQ(codeOf(runtime.connect(place, kNever)), NetErrc::refused);
    const auto second = hosts.server.runtime().listen(place).value();
    hosts.acceptor.reset();  // of the first life: it must not take the second one's place away
    const auto at_client = hosts.client.runtime().connect(place, kNever).value();
    const auto at_server = second->accept(kNever).value();
    ASSERT_TRUE(writeAll(*at_server, "new"));
    EXPECT_EQ(readUpTo(*at_client, 3), "new");
  });
}

TEST_P(HostTest, WhatACrashedProcessLeftBehindIsDead) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    const auto selector = runtime.makeSelector("selector");
    selector->add(*hosts.at_server);
    selector->add(*hosts.acceptor);
    hosts.server.crash(HostCrash::closes);
    EXPECT_EQ(selector->wait(kAtOnce).size(), 2U);
    EXPECT_EQ(codeOf(readOnce(*hosts.at_server)), NetErrc::reset);
    EXPECT_EQ(codeOf(writeAll(*hosts.at_server, "x")), NetErrc::reset);
    EXPECT_EQ(codeOf(hosts.acceptor->accept(kNever)), NetErrc::other);
  });
}

TEST_P(HostTest, ConnectionsThatWereNotYetAcceptedEndToo) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    const auto waiting = runtime.connect({.host = "server", .port = 38400}, kNever).value();
    hosts.server.crash(HostCrash::resets);
    EXPECT_EQ(codeOf(readOnce(*waiting)), NetErrc::reset);
  });
}

TEST_P(HostTest, AVanishedHostAnswersAgainWhenItIsBack) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    const auto silent = runtime.connect({.host = "server", .port = 38400}, kNever).value();
    hosts.server.crash(HostCrash::vanishes);
    EXPECT_THROW(hosts.server.runtime().spawn("too early", [] {}), std::logic_error);
    ASSERT_TRUE(writeAll(*hosts.at_client, "into the void"));
    const Instant begin = runtime.now();
    EXPECT_EQ(codeOf(runtime.connect({.host = "server", .port = 38400}, begin + 30s)), NetErrc::timedOut);
    EXPECT_EQ(runtime.now(), begin + 30s);
    EXPECT_EQ(codeOf(runtime.connect({.host = "server", .port = 38400}, kNever)), NetErrc::timedOut);
    EXPECT_EQ(runtime.now(), begin + 30s + 127s);  // as long as Linux tries

    const auto back = runtime.spawn("operator", [&] {
      runtime.sleepUntil(runtime.now() + 10s);
      hosts.server.comeBack();
    });
    EXPECT_EQ(codeOf(runtime.connect({.host = "server", .port = 38400}, kNever)), NetErrc::refused);
    back->join();
    EXPECT_EQ(codeOf(readOnce(*hosts.at_client, runtime.now() + 30s)), NetErrc::reset);
    EXPECT_EQ(codeOf(readOnce(*silent, runtime.now() + 30s)), NetErrc::timedOut);  // it said nothing
    ASSERT_TRUE(writeAll(*silent, "are you there?"));
    EXPECT_EQ(codeOf(readOnce(*silent, runtime.now() + 30s)), NetErrc::reset);
  });
}

TEST_P(HostTest, BytesThatNobodyAcknowledgesFillTheBuffer) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    hosts.server.crash(HostCrash::vanishes);
    const std::string much(65'537, 'x');
    EXPECT_EQ(codeOf(writeAll(*hosts.at_client, much, runtime.now() + 30s)), NetErrc::timedOut);
  });
}

TEST_P(HostTest, ACrashLeavesSharedLocksToTheLiving) {
  run([](SimulatedRuntime& runtime) {
    const auto shared = runtime.makeMutex("shared by hosts");
    SimulatedHost& host = runtime.host("a");
    std::vector<std::unique_ptr<Task>> tasks;
    int inside = 0;
    const auto enter = [&] {
      const Lock lock(*shared);
      EXPECT_EQ(++inside, 1);
      struct Leave {
        int& inside;
        ~Leave() { --inside; }
      };
      const Leave leave{inside};
      runtime.sleepUntil(runtime.now() + 1ms);
    };
    for (int number = 0; number < 4; ++number) {
      tasks.push_back(host.runtime().spawn("dying", enter));
      tasks.push_back(runtime.spawn("living", enter));
    }
    runtime.sleepUntil(runtime.now() + 2ms);
    host.crash(HostCrash::resets);
    tasks.clear();
    EXPECT_EQ(inside, 0);
  });
}

TEST_P(HostTest, AHostMayCrashItself) {
  run([](SimulatedRuntime& runtime) {
    SimulatedHost& host = runtime.host("a");
    bool went_on = false;
    host.runtime()
        .spawn("suicidal",
               [&] {
                 host.crash(HostCrash::closes);
                 went_on = true;
               })
        ->join();
    EXPECT_FALSE(went_on);
    bool ran = false;
    host.runtime().spawn("next", [&] { ran = true; })->join();
    EXPECT_TRUE(ran);
  });
}

TEST_P(HostTest, APausedHostMayCrash) {
  run([](SimulatedRuntime& runtime) {
    SimulatedHost& host = runtime.host("a");
    std::atomic<int> destroyed = 0;
    const auto task = host.runtime().spawn("paused", [&] {
      const test::Witness witness(destroyed);
      runtime.sleepUntil(runtime.now() + 1s);
    });
    runtime.sleepUntil(runtime.now() + 1ms);
    host.pause();
    host.crash(HostCrash::closes);
    task->join();
    EXPECT_EQ(destroyed, 1);
    EXPECT_FALSE(host.isPaused());
  });
}

}  // namespace
}  // namespace jitrig
