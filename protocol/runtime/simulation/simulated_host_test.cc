// Hosts: how they are reached, paused, cut off; and links between them.

#include <atomic>
#include <optional>
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
using testing::HasSubstr;
using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(, HostTest, testing::Range<std::uint64_t>(1, 6));

// ---- Names and addresses ----------------------------------------------------------------------------------

TEST_P(HostTest, AreReachedByTheirNames) {
  run([](SimulatedRuntime& runtime) {
    const TwoHosts hosts(runtime);
    EXPECT_EQ(hosts.at_server->localName(), "server:38400");
    EXPECT_THAT(hosts.at_client->localName(), testing::StartsWith("client:"));
    EXPECT_EQ(hosts.at_client->peerName(), "server:38400");
    ASSERT_TRUE(writeAll(*hosts.at_client, "ping"));
    EXPECT_EQ(readUpTo(*hosts.at_server, 4), "ping");
  });
}

TEST_P(HostTest, OnePortBelongsToEachOfThem) {
  run([](SimulatedRuntime& runtime) {
    std::vector<std::unique_ptr<Acceptor>> acceptors;
    for (const char* name : {"a", "b"}) {
      Runtime& host = runtime.onHost(name);
      acceptors.push_back(host.listen({.host = "0.0.0.0", .port = 38400}).value());
      EXPECT_EQ(codeOf(host.listen({.host = name, .port = 38400})), NetErrc::addressInUse);
      EXPECT_EQ(codeOf(host.listen({.host = "elsewhere", .port = 38400})), NetErrc::unreachable);
    }
    const auto to_b = runtime.connect({.host = "b", .port = 38400}, kNever);
    ASSERT_TRUE(to_b.has_value());
    EXPECT_TRUE(acceptors[1]->accept(kNever).has_value());
    EXPECT_EQ(codeOf(acceptors[0]->accept(kAtOnce)), NetErrc::timedOut);
  });
}

TEST_P(HostTest, LoopbackIsTheirOwn) {
  run([](SimulatedRuntime& runtime) {
    Runtime& host = runtime.onHost("a");
    const auto acceptor = host.listen({.host = "127.0.0.1", .port = 38400}).value();
    EXPECT_EQ(codeOf(runtime.connect({.host = "127.0.0.1", .port = 38400}, kNever)), NetErrc::refused);
    EXPECT_EQ(codeOf(runtime.connect({.host = "a", .port = 38400}, kNever)), NetErrc::refused);
    EXPECT_TRUE(host.connect({.host = "localhost", .port = 38400}, kNever).has_value());
  });
}

TEST_P(HostTest, TasksInheritTheirHost) {
  run([](SimulatedRuntime& runtime) {
    std::string peer;
    const auto acceptor = runtime.onHost("server").listen({.host = "", .port = 38400}).value();
    const auto task = runtime.onHost("client").spawn("parent", [&] {
      const auto child = runtime.spawn("child", [&] {
        peer = runtime.connect({.host = "server", .port = 38400}, kNever).value()->localName();
      });
    });
    task->join();
    EXPECT_THAT(peer, testing::StartsWith("client:"));
  });
}

// ---- Paused -----------------------------------------------------------------------------------------------

TEST_P(HostTest, APausedHostDoesNothingAndThenGoesOn) {
  run([](SimulatedRuntime& runtime) {
    SimulatedHost& host = runtime.host("a");
    std::vector<std::int64_t> ticks_s;
    std::atomic<int> ticks = 0;  // time alone orders nothing
    const auto task = host.runtime().spawn("ticking", [&] {
      for (int tick = 1; tick <= 3; ++tick) {
        runtime.sleepUntil(Instant{} + tick * 1s);
        ticks_s.push_back(runtime.now().ns / 1'000'000'000);
        ++ticks;
      }
    });
    runtime.sleepUntil(Instant{} + 1500ms);
    host.pause();
    EXPECT_TRUE(host.isPaused());
    runtime.sleepUntil(Instant{} + 60s);
    EXPECT_EQ(ticks, 1);
    host.resume();
    EXPECT_FALSE(host.isPaused());
    task->join();
    EXPECT_EQ(ticks_s, (std::vector<std::int64_t>{1, 60, 60}));
  });
}

TEST_P(HostTest, TheKernelOfAPausedHostGoesOnUntilItsBuffersAreFull) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    std::string received;
    std::atomic<std::size_t> reads = 0;
    const auto reader = hosts.server.runtime().spawn("reader", [&] {
      while (auto text = readOnce(*hosts.at_server)) {
        received += *text;
        ++reads;
      }
    });
    hosts.server.pause();
    const auto another = hosts.client.runtime().connect({.host = "server", .port = 38400}, kNever);
    EXPECT_TRUE(another.has_value());
    std::size_t taken = 0;
    while (hosts.at_client->writeSome(std::as_bytes(std::span("x", 1)), runtime.now() + 1s)) ++taken;
    EXPECT_GE(taken, 2'048U);
    EXPECT_LE(taken, 65'536U);
    EXPECT_EQ(reads, 0U);
    hosts.server.resume();
    ASSERT_TRUE(hosts.at_client->closeWrite());
    reader->join();
    EXPECT_EQ(received.size(), taken);
  });
}

TEST_P(HostTest, ADeadlineThatPassesDuringThePauseFindsItsData) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    std::optional<std::string> read;
    const auto reader = hosts.server.runtime().spawn("reader", [&] {
      if (const auto text = readOnce(*hosts.at_server, runtime.now() + 10s)) read = *text;
    });
    runtime.sleepUntil(runtime.now() + 1s);
    hosts.server.pause();
    ASSERT_TRUE(writeAll(*hosts.at_client, "x"));
    runtime.sleepUntil(runtime.now() + 60s);
    hosts.server.resume();
    reader->join();
    EXPECT_EQ(read, "x");
  });
}

TEST_P(HostTest, ATaskOfAPausedHostLeavesNoLockBehind) {
  run([](SimulatedRuntime& runtime) {
    const auto shared = runtime.makeMutex("shared by hosts");
    SimulatedHost& host = runtime.host("a");
    std::atomic<bool> stop = false;
    const auto task = host.runtime().spawn("locking", [&] {
      while (!stop) {
        const Lock lock(*shared);
        runtime.sleepUntil(runtime.now() + 1ms);
      }
    });
    for (int times = 0; times < 20; ++times) {
      runtime.sleepUntil(runtime.now() + 1ms);
      host.pause();
      const Lock lock(*shared);
      host.resume();
    }
    const Lock lock(*shared);
    stop = true;
  });
}

TEST_P(HostTest, APausedTaskDoesNotKeepALockFromOthers) {
  run([](SimulatedRuntime& runtime) {
    const auto shared = runtime.makeMutex("shared by hosts");
    SimulatedHost& host = runtime.host("a");
    std::vector<std::unique_ptr<Task>> tasks;
    const auto enter = [&] { const Lock lock(*shared); };
    {
      const Lock lock(*shared);
      for (int number = 0; number < 5; ++number) tasks.push_back(host.runtime().spawn("paused", enter));
      for (int number = 0; number < 2; ++number) tasks.push_back(runtime.spawn("awake", enter));
      runtime.sleepUntil(runtime.now() + 1ms);
      host.pause();
    }
    tasks.pop_back();  // joins
    tasks.pop_back();
    host.resume();
  });
}

/// Directs a host while the world is taken down.
struct LateDirector {
  SimulatedHost& host;
  bool crash = false;
  ~LateDirector() {
    if (!crash) {
      host.pause();
      return;
    }
    host.setReachability(Reachability::lost);
    host.crash(HostCrash::vanishes);
    host.comeBack();
  }
};

TEST_P(HostTest, InAWorldThatHasEndedNothingBefallsAHost) {
  for (const bool crash : {false, true}) {
    SimulatedRuntime runtime(SimulationOptions{.seed = GetParam()});
    std::atomic<int> destroyed = 0;
    const SimulationResult result = runtime.run([&] {
      SimulatedHost& host = runtime.host("a");
      const auto work = [&] {
        const test::Witness witness(destroyed);
        runtime.sleepUntil(kNever);
      };
      const auto first = host.runtime().spawn("worker", work);
      const auto second = host.runtime().spawn("worker", work);
      const LateDirector director{.host = host, .crash = crash};
      runtime.sleepUntil(kNever);
    });
    EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
    EXPECT_THAT(result.report, testing::Not(HasSubstr("abandoned")));
    EXPECT_EQ(destroyed, 2);
  }
}

TEST_P(HostTest, AHostMayPauseItself) {
  run([](SimulatedRuntime& runtime) {
    SimulatedHost& host = runtime.host("a");
    Instant went_on;
    const auto task = host.runtime().spawn("tired", [&] {
      host.pause();
      went_on = runtime.now();
    });
    runtime.sleepUntil(Instant{} + 5s);
    host.resume();
    task->join();
    EXPECT_EQ(went_on, Instant{} + 5s);
  });
}

TEST(Host, AWorldThatWaitsForAPausedHostIsADeadlockThatSaysSo) {
  SimulatedRuntime runtime;
  const SimulationResult result = runtime.run([&] {
    SimulatedHost& host = runtime.host("server1");
    const auto task = host.runtime().spawn("worker", [&] { runtime.sleepUntil(Instant{} + 2s); });
    runtime.sleepUntil(Instant{} + 1s);
    host.pause();
    task->join();
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
  EXPECT_THAT(result.report, HasSubstr("host \"server1\" is paused since 1.000000000 s"));
  EXPECT_THAT(result.report,
              HasSubstr("task \"worker\" on host \"server1\" could run, but its host is paused"));
}

// ---- Cut off ----------------------------------------------------------------------------------------------

TEST_P(HostTest, HeldPacketsArriveWhenTheHostIsReachableAgain) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    ASSERT_TRUE(writeAll(*hosts.at_client, "on its way "));
    hosts.server.setReachability(Reachability::held);
    ASSERT_TRUE(writeAll(*hosts.at_client, "held"));
    ASSERT_TRUE(hosts.at_client->closeWrite());
    EXPECT_EQ(codeOf(readOnce(*hosts.at_server, runtime.now() + 60s)), NetErrc::timedOut);
    hosts.server.setReachability(Reachability::reachable);
    EXPECT_EQ(readUpTo(*hosts.at_server, 100), "on its way held");
  });
}

TEST_P(HostTest, AnEndThatIsGoneIsHeardOfLater) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    hosts.server.setReachability(Reachability::held);
    hosts.at_server.reset();
    EXPECT_EQ(codeOf(readOnce(*hosts.at_client, runtime.now() + 60s)), NetErrc::timedOut);
    hosts.server.setReachability(Reachability::reachable);
    EXPECT_EQ(codeOf(readOnce(*hosts.at_client, runtime.now() + 60s)), NetErrc::endOfFile);
  });
}

TEST_P(HostTest, AConnectionThatLostPacketsNeverGoesOn) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    hosts.server.setReachability(Reachability::lost);
    ASSERT_TRUE(writeAll(*hosts.at_client, "lost"));
    runtime.sleepUntil(runtime.now() + 1s);
    hosts.server.setReachability(Reachability::reachable);
    ASSERT_TRUE(writeAll(*hosts.at_client, "behind a hole"));
    EXPECT_EQ(codeOf(readOnce(*hosts.at_server, runtime.now() + 60s)), NetErrc::timedOut);
    ASSERT_TRUE(writeAll(*hosts.at_server, "the other direction lost nothing"));
    EXPECT_TRUE(readOnce(*hosts.at_client).has_value());
    hosts.at_client->reset();  // gets through, as nothing has to come before it
    EXPECT_EQ(codeOf(readOnce(*hosts.at_server, runtime.now() + 60s)), NetErrc::reset);
  });
}

TEST_P(HostTest, AnUnreachableHostDoesNotAnswerAndReachesNobody) {
  run([](SimulatedRuntime& runtime) {
    const TwoHosts hosts(runtime);
    const Endpoint place{.host = "server", .port = 38400};
    for (SimulatedHost* cut_off : {&hosts.client, &hosts.server}) {
      cut_off->setReachability(Reachability::lost);
      EXPECT_EQ(codeOf(hosts.client.runtime().connect(place, runtime.now() + 5s)), NetErrc::timedOut);
      EXPECT_TRUE(hosts.server.runtime().connect(place, runtime.now() + 5s).has_value());  // to itself
      cut_off->setReachability(Reachability::reachable);
    }
    EXPECT_TRUE(hosts.client.runtime().connect(place, runtime.now() + 5s).has_value());
  });
}

TEST_P(HostTest, ARefusingHostKeepsItsConnections) {
  run([](SimulatedRuntime& runtime) {
    TwoHosts hosts(runtime);
    hosts.server.setReachability(Reachability::refusing);
    EXPECT_EQ(codeOf(hosts.client.runtime().connect({.host = "server", .port = 38400}, kNever)),
              NetErrc::refused);
    ASSERT_TRUE(writeAll(*hosts.at_client, "ping"));
    EXPECT_EQ(readUpTo(*hosts.at_server, 4), "ping");
  });
}

// ---- Links ------------------------------------------------------------------------------------------------

TEST(LinkProfile, ADirectionHasALatencyAndABandwidthOfItsOwn) {
  SimulatedRuntime runtime;
  runtime.setLinkProfile("client", "server",
                         {.min_latency = 10ms,
                          .max_latency = 10ms,
                          .bandwidth_bytes_per_s = 1'000,
                          .min_buffer_bytes = 5'000,
                          .max_buffer_bytes = 5'000,
                          .segmentation = false});
  runtime.setLinkProfile("server", "client", {.min_latency = 1s, .max_latency = 1s});
  runtime.runOrThrow([&] {
    TwoHosts hosts(runtime);
    const Instant begin = runtime.now();
    EXPECT_EQ(hosts.at_client->writeSome(test::bytesOf(std::string(9'000, 'x')), kNever), 5'000U);
    EXPECT_EQ(runtime.now(), begin);
    EXPECT_EQ(readUpTo(*hosts.at_server, 5'000).size(), 5'000U);
    EXPECT_EQ(runtime.now(), begin + 5s + 10ms);
    ASSERT_TRUE(writeAll(*hosts.at_client, std::string(1'000, 'x')));
    ASSERT_TRUE(writeAll(*hosts.at_client, std::string(2'000, 'x')));
    EXPECT_EQ(readUpTo(*hosts.at_server, 3'000).size(), 3'000U);
    EXPECT_EQ(runtime.now(), begin + 5s + 10ms + 3s + 10ms);
    const Instant answer = runtime.now();
    ASSERT_TRUE(writeAll(*hosts.at_server, "x"));
    EXPECT_EQ(readUpTo(*hosts.at_client, 1), "x");
    EXPECT_EQ(runtime.now(), answer + 1s);

    runtime.setLinkProfile("server", "client", {.min_latency = 2s, .max_latency = 2s});
    ASSERT_TRUE(writeAll(*hosts.at_server, "x"));
    EXPECT_EQ(readUpTo(*hosts.at_client, 1), "x");
    EXPECT_EQ(runtime.now(), answer + 3s);
  });
}

TEST(LinkProfile, WhatMakesNoSenseIsNamed) {
  SimulatedRuntime runtime;
  const auto messageOf = [&](const LinkProfile& profile) -> std::string {
    try {
      runtime.setLinkProfile("a", "b", profile);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(messageOf({.min_latency = -1ns}), HasSubstr("LinkProfile::min_latency"));
  EXPECT_THAT(messageOf({.min_latency = 2s, .max_latency = 1s}), HasSubstr("LinkProfile::max_latency"));
  EXPECT_THAT(messageOf({.bandwidth_bytes_per_s = 0}), HasSubstr("LinkProfile::bandwidth_bytes_per_s"));
  EXPECT_THAT(messageOf({.min_buffer_bytes = 0}), HasSubstr("LinkProfile::min_buffer_bytes"));
  EXPECT_THAT(messageOf({.min_buffer_bytes = 2, .max_buffer_bytes = 1}),
              HasSubstr("LinkProfile::max_buffer_bytes"));
}

}  // namespace
}  // namespace jitrig
