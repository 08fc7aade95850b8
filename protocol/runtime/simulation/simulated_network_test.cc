#include "protocol/runtime/simulation/simulated_network.h"

#include <algorithm>
#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "protocol/runtime/simulation/world_test_support.h"

namespace jitrig {
namespace {

using namespace std::chrono_literals;
using test::codeOf;
using test::makeConnectedPair;
using test::readOnce;
using test::readUpTo;
using test::writeAll;
using ::testing::HasSubstr;

std::string numbered(std::size_t size_bytes) {
  std::string text;
  for (std::size_t index = 0; text.size() < size_bytes; ++index) text += std::to_string(index) + ' ';
  text.resize(size_bytes);
  return text;
}

// ---- Bytes ------------------------------------------------------------------------------------------------

TEST(SimulatedConnection, SegmentationSplitsReadsButNotTheBytes) {
  const std::string sent = numbered(20'000);
  std::set<std::vector<std::size_t>> seen;
  std::set<std::size_t> different_sizes;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulatedRuntime runtime(SimulationOptions{.seed = seed});
    std::vector<std::size_t> sizes;
    std::string received;
    runtime.runOrThrow([&] {
      const auto pair = makeConnectedPair(runtime);
      const auto writer = runtime.spawn("writer", [&] { ASSERT_TRUE(writeAll(*pair.client, sent)); });
      received = readUpTo(*pair.server, sent.size(), &sizes);
    });
    ASSERT_EQ(received, sent) << "seed " << seed;
    seen.insert(sizes);
    different_sizes.insert(sizes.begin(), sizes.end());
  }
  EXPECT_GT(seen.size(), 10U);
  EXPECT_GT(different_sizes.size(), 50U);
  EXPECT_EQ(*different_sizes.begin(), 1U);
}

TEST(SimulatedConnection, WithoutSegmentationAWriteArrivesWhole) {
  SimulatedRuntime runtime(SimulationOptions{.segmentation = false});
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    EXPECT_EQ(pair.client->writeSome(test::bytesOf("a message"), kNever).value(), 9U);
    EXPECT_EQ(readOnce(*pair.server).value(), "a message");
  });
}

TEST(SimulatedConnection, BytesTakeTheirLatency) {
  SimulatedRuntime runtime(SimulationOptions{.min_latency = 5ms, .max_latency = 9ms, .segmentation = false});
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    const Instant sent_at = runtime.now();
    ASSERT_TRUE(writeAll(*pair.client, "x"));
    EXPECT_EQ(runtime.now(), sent_at);
    EXPECT_EQ(codeOf(readOnce(*pair.server, sent_at + 4ms)), NetErrc::timedOut);
    EXPECT_EQ(readOnce(*pair.server).value(), "x");
    EXPECT_GE(runtime.now(), sent_at + 5ms);
    EXPECT_LE(runtime.now(), sent_at + 9ms);
  });
}

TEST(SimulatedConnection, ALatencyOfZeroArrivesAtOnce) {
  SimulatedRuntime runtime(SimulationOptions{.min_latency = 0ns, .max_latency = 0ns, .segmentation = false});
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    ASSERT_TRUE(writeAll(*pair.client, "x"));
    EXPECT_EQ(readOnce(*pair.server, kAtOnce).value(), "x");
    EXPECT_EQ(runtime.now(), Instant{});
  });
}

TEST(SimulatedConnection, DataGoesBeforeAPassedDeadline) {
  SimulatedRuntime runtime(SimulationOptions{.segmentation = false});
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    ASSERT_TRUE(writeAll(*pair.client, "x"));
    runtime.sleepUntil(runtime.now() + 1s);
    EXPECT_EQ(readOnce(*pair.server, kAtOnce).value(), "x");
    EXPECT_EQ(codeOf(readOnce(*pair.server, kAtOnce)), NetErrc::timedOut);
  });
}

TEST(SimulatedConnection, AFullBufferMakesTheWriterWait) {
  SimulatedRuntime runtime(
      SimulationOptions{.min_link_buffer_bytes = 100, .max_link_buffer_bytes = 100, .segmentation = false});
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    const std::string sent = numbered(250);
    EXPECT_EQ(pair.client->writeSome(test::bytesOf(sent), kNever).value(), 100U);
    EXPECT_EQ(codeOf(pair.client->writeSome(test::bytesOf(sent), runtime.now() + 10s)), NetErrc::timedOut);
    std::atomic<bool> written = false;
    const auto writer = runtime.spawn("writer", [&] {
      ASSERT_TRUE(writeAll(*pair.client, sent.substr(100)));
      written = true;
    });
    runtime.sleepUntil(runtime.now() + 10s);
    EXPECT_FALSE(written);
    EXPECT_EQ(readUpTo(*pair.server, 250), sent);
    writer->join();
    EXPECT_TRUE(written);
  });
}

TEST(SimulatedConnection, BufferSizesAreDrawnFromTheirRange) {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulatedRuntime runtime(SimulationOptions{
        .seed = seed, .min_link_buffer_bytes = 10, .max_link_buffer_bytes = 20, .segmentation = false});
    runtime.runOrThrow([&] {
      const auto pair = makeConnectedPair(runtime);
      sizes.insert(pair.client->writeSome(test::bytesOf(numbered(100)), kNever).value());
    });
  }
  EXPECT_GE(*sizes.begin(), 10U);
  EXPECT_LE(*sizes.rbegin(), 20U);
  EXPECT_GT(sizes.size(), 6U);
}

TEST(SimulatedConnection, RefusesAnEmptyBufferAndWritesNothingOfNothing) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    EXPECT_EQ(codeOf(pair.client->readSome({}, kNever)), NetErrc::other);
    EXPECT_EQ(pair.client->writeSome({}, kNever).value(), 0U);
  });
}

TEST(SimulatedConnection, TwoReadersAtOnceAreRefused) {
  SimulatedRuntime runtime(SimulationOptions{.preempt_percent = 0});
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    const auto reader = runtime.spawn("reader", [&] { EXPECT_EQ(readOnce(*pair.client).value(), "x"); });
    runtime.sleepUntil(runtime.now() + 1s);
    EXPECT_THROW(static_cast<void>(readOnce(*pair.client)), std::logic_error);
    ASSERT_TRUE(writeAll(*pair.server, "x"));
  });
}

// ---- How connections end ----------------------------------------------------------------------------------

TEST(SimulatedConnection, HalfCloseEndsOneDirectionAfterAllItsBytes) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulatedRuntime runtime(SimulationOptions{.seed = seed});
    runtime.runOrThrow([&] {
      const auto pair = makeConnectedPair(runtime);
      ASSERT_TRUE(writeAll(*pair.client, "request"));
      ASSERT_TRUE(pair.client->closeWrite());
      ASSERT_TRUE(pair.client->closeWrite());  // again: nothing new
      EXPECT_EQ(codeOf(pair.client->writeSome(test::bytesOf("x"), kNever)), NetErrc::other);
      EXPECT_EQ(readUpTo(*pair.server, 100), "request");
      EXPECT_EQ(codeOf(readOnce(*pair.server)), NetErrc::endOfFile);
      EXPECT_EQ(codeOf(readOnce(*pair.server)), NetErrc::endOfFile);
      ASSERT_TRUE(writeAll(*pair.server, "reply"));
      EXPECT_EQ(readUpTo(*pair.client, 5), "reply");
    });
  }
}

TEST(SimulatedConnection, DestroyingOneEndIsTheEndOfFileForTheOther) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    auto pair = makeConnectedPair(runtime);
    ASSERT_TRUE(writeAll(*pair.client, "last words"));
    pair.client.reset();
    EXPECT_EQ(readUpTo(*pair.server, 10), "last words");
    EXPECT_EQ(codeOf(readOnce(*pair.server)), NetErrc::endOfFile);
  });
}

TEST(SimulatedConnection, WritingToAnEndThatIsGoneIsAResetALittleLater) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    auto pair = makeConnectedPair(runtime);
    pair.client.reset();
    EXPECT_EQ(codeOf(readOnce(*pair.server)), NetErrc::endOfFile);
    ASSERT_TRUE(writeAll(*pair.server, "too late"));
    runtime.sleepUntil(runtime.now() + 1s);
    EXPECT_EQ(codeOf(pair.server->writeSome(test::bytesOf("x"), kNever)), NetErrc::reset);
    EXPECT_EQ(codeOf(readOnce(*pair.server)), NetErrc::reset);
    EXPECT_EQ(codeOf(pair.server->closeWrite()), NetErrc::reset);
  });
}

TEST(SimulatedConnection, AWriterThatWaitsForAnEndThatLeavesIsWoken) {
  SimulatedRuntime runtime(SimulationOptions{.min_link_buffer_bytes = 10, .max_link_buffer_bytes = 10});
  runtime.runOrThrow([&] {
    auto pair = makeConnectedPair(runtime);
    const auto writer = runtime.spawn(
        "writer", [&] { EXPECT_EQ(codeOf(writeAll(*pair.client, numbered(1'000))), NetErrc::reset); });
    runtime.sleepUntil(runtime.now() + 1s);
    pair.server.reset();
  });
}

TEST(SimulatedConnection, DestroyingAnEndWithUnreadBytesResets) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    auto pair = makeConnectedPair(runtime);
    ASSERT_TRUE(writeAll(*pair.client, "never read"));
    runtime.sleepUntil(runtime.now() + 1s);
    pair.server.reset();
    EXPECT_EQ(codeOf(readOnce(*pair.client)), NetErrc::reset);
  });
}

TEST(SimulatedConnection, ResetBreaksBothDirections) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    const auto reader =
        runtime.spawn("reader", [&] { EXPECT_EQ(codeOf(readOnce(*pair.server)), NetErrc::reset); });
    runtime.sleepUntil(runtime.now() + 1s);
    pair.client->reset();
    pair.client->reset();
    EXPECT_EQ(codeOf(readOnce(*pair.client)), NetErrc::reset);
    EXPECT_EQ(codeOf(pair.client->writeSome(test::bytesOf("x"), kNever)), NetErrc::reset);
    reader->join();
    EXPECT_EQ(codeOf(pair.server->writeSome(test::bytesOf("x"), kNever)), NetErrc::reset);
  });
}

TEST(SimulatedConnection, AResetDropsWhatIsUnread) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    ASSERT_TRUE(writeAll(*pair.client, "lost"));
    pair.client->reset();
    runtime.sleepUntil(runtime.now() + 1s);
    EXPECT_EQ(codeOf(readOnce(*pair.server)), NetErrc::reset);
  });
}

TEST(SimulatedConnection, CancelWakesReaderAndWriterOfItsSideOnly) {
  SimulatedRuntime runtime(SimulationOptions{.min_link_buffer_bytes = 10, .max_link_buffer_bytes = 10});
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    const auto reader =
        runtime.spawn("reader", [&] { EXPECT_EQ(codeOf(readOnce(*pair.client)), NetErrc::cancelled); });
    const auto writer = runtime.spawn(
        "writer", [&] { EXPECT_EQ(codeOf(writeAll(*pair.client, numbered(1'000))), NetErrc::cancelled); });
    runtime.sleepUntil(runtime.now() + 1s);
    pair.client->cancel();
    pair.client->cancel();
    reader->join();
    writer->join();
    EXPECT_EQ(codeOf(readOnce(*pair.client)), NetErrc::cancelled);
    EXPECT_EQ(readUpTo(*pair.server, 10), numbered(10));
  });
}

// ---- Names and ports --------------------------------------------------------------------------------------

TEST(SimulatedNetwork, NamesTellBothEnds) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto acceptor = runtime.listen({.host = "::1", .port = 38400}).value();
    const auto client = runtime.connect({.host = "::1", .port = 38400}, kNever).value();
    const auto server = acceptor->accept(kNever).value();
    EXPECT_EQ(acceptor->name(), "[::1]:38400");
    EXPECT_EQ(client->peerName(), "[::1]:38400");
    EXPECT_EQ(server->localName(), "[::1]:38400");
    EXPECT_EQ(client->localName(), server->peerName());
    EXPECT_EQ(server->name(), server->localName() + " -> " + server->peerName());
  });
}

TEST(SimulatedNetwork, NobodyListeningRefusesAfterOneLatency) {
  SimulatedRuntime runtime(SimulationOptions{.min_latency = 3ms, .max_latency = 3ms});
  runtime.runOrThrow([&] {
    const auto refused = runtime.connect({.host = "nobody", .port = 1}, kNever);
    EXPECT_EQ(codeOf(refused), NetErrc::refused);
    EXPECT_EQ(refused.error().detail, "connect to nobody:1: connection refused");
    EXPECT_EQ(runtime.now(), Instant{} + 3ms);
    EXPECT_EQ(codeOf(runtime.connect({.host = "nobody", .port = 1}, runtime.now() + 1ms)), NetErrc::timedOut);
  });
}

TEST(SimulatedNetwork, PortZeroTakesFreePorts) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    std::vector<std::unique_ptr<Acceptor>> acceptors;
    std::set<std::uint16_t> ports;
    for (int count = 0; count < 100; ++count) {
      acceptors.push_back(runtime.listen({}).value());
      ports.insert(acceptors.back()->port());
    }
    EXPECT_EQ(ports.size(), 100U);
    EXPECT_GE(*ports.begin(), 49'152);
  });
}

TEST(SimulatedNetwork, NoFreePortLeftIsALimit) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    std::vector<std::unique_ptr<Acceptor>> acceptors;
    for (int port = 49'152; port <= 65'535; ++port) {
      acceptors.push_back(runtime.listen({.port = static_cast<std::uint16_t>(port)}).value());
    }
    EXPECT_EQ(codeOf(runtime.listen({})), NetErrc::limit);
    EXPECT_EQ(codeOf(runtime.connect({.port = 50'000}, kNever)), NetErrc::limit);
  });
}

TEST(SimulatedNetwork, ATakenPortIsInUseUntilItsAcceptorIsGone) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    auto acceptor = runtime.listen({.port = 38400}).value();
    acceptor->cancel();
    EXPECT_EQ(codeOf(runtime.listen({.port = 38400})), NetErrc::addressInUse);
    EXPECT_EQ(codeOf(runtime.listen({.host = "localhost", .port = 38400})), NetErrc::addressInUse);
    EXPECT_EQ(codeOf(runtime.listen({.host = "0.0.0.0", .port = 38400})), NetErrc::addressInUse);
    EXPECT_TRUE(runtime.listen({.host = "another", .port = 38400}));
    acceptor.reset();
    EXPECT_TRUE(runtime.listen({.host = "::", .port = 38400}));
  });
}

TEST(SimulatedNetwork, AnAcceptorForEveryHost) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto acceptor = runtime.listen({.host = "", .port = 38400}).value();
    EXPECT_TRUE(runtime.connect({.host = "localhost", .port = 38400}, kNever));
    EXPECT_TRUE(runtime.connect({.host = "whoever", .port = 38400}, kNever));
  });
}

TEST(SimulatedAcceptor, WaitsHasADeadlineAndCanBeCancelled) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto acceptor = runtime.listen({.port = 38400}).value();
    EXPECT_EQ(codeOf(acceptor->accept(kAtOnce)), NetErrc::timedOut);
    EXPECT_EQ(codeOf(acceptor->accept(Instant{} + 1s)), NetErrc::timedOut);
    const auto task =
        runtime.spawn("accepting", [&] { EXPECT_EQ(codeOf(acceptor->accept(kNever)), NetErrc::cancelled); });
    runtime.sleepUntil(Instant{} + 2s);
    acceptor->cancel();
    task->join();
    EXPECT_EQ(codeOf(acceptor->accept(kNever)), NetErrc::cancelled);
  });
}

TEST(SimulatedAcceptor, ClosingItResetsWhatWasNotAccepted) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    auto acceptor = runtime.listen({.port = 38400}).value();
    const auto first = runtime.connect({.port = 38400}, kNever).value();
    const auto second = runtime.connect({.port = 38400}, kNever).value();
    acceptor.reset();
    EXPECT_EQ(codeOf(readOnce(*first)), NetErrc::reset);
    EXPECT_EQ(codeOf(readOnce(*second)), NetErrc::reset);
    EXPECT_EQ(codeOf(runtime.connect({.port = 38400}, kNever)), NetErrc::refused);
  });
}

TEST(SimulatedAcceptor, AFullQueueMakesClientsWait) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    auto acceptor = runtime.listen({.port = 38400}).value();
    std::vector<std::unique_ptr<Connection>> clients;
    NetResult<std::unique_ptr<Connection>> client;
    while ((client = runtime.connect({.port = 38400}, runtime.now() + 1s)))
      clients.push_back(*std::move(client));
    EXPECT_EQ(client.error().code, NetErrc::timedOut);
    EXPECT_EQ(clients.size(), 128U);

    const auto patient =
        runtime.spawn("patient", [&] { EXPECT_TRUE(runtime.connect({.port = 38400}, kNever)); });
    runtime.sleepUntil(runtime.now() + 1s);
    static_cast<void>(acceptor->accept(kNever).value());
    patient->join();
    const auto unlucky = runtime.spawn(
        "unlucky", [&] { EXPECT_EQ(codeOf(runtime.connect({.port = 38400}, kNever)), NetErrc::refused); });
    runtime.sleepUntil(runtime.now() + 1s);
    acceptor.reset();
  });
}

}  // namespace
}  // namespace jitrig
