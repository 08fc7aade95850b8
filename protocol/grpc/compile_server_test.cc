#include "protocol/grpc/compile_server.h"

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/grpc/compile_test_support.h"

namespace jitrig {
namespace {

using GrpcConversation = GrpcTest;

TEST_F(GrpcConversation, ACallIsACompilation) {
  serve();
  const auto client = connect();
  for (std::uint64_t compiled = 1; compiled <= 3; ++compiled) {
    const auto stream = compile(*client);
    EXPECT_EQ(server->calls(), compiled);
    EXPECT_EQ(readFrame(*stream).error().code, NetErrc::endOfFile);
    EXPECT_EQ(writeFrame(*stream, queryFrame()).error().code, NetErrc::endOfFile);
  }
  EXPECT_EQ(server->renewals(), 3);
}

TEST_F(GrpcConversation, SynchronousClient) {
  serve();
  const auto client = connect(true);
  for (int compiled = 0; compiled < 3; ++compiled) compile(*client);
  EXPECT_EQ(server->calls(), 3);
}

TEST_F(GrpcConversation, AStreamServesManyCalls) {
  serve({.streams = 1});
  const auto first = connect();
  const auto second = connect();
  for (int compiled = 0; compiled < 10; ++compiled) {
    compile(*first);
    compile(*second);
  }
  EXPECT_EQ(server->renewals(), 20);
}

TEST_F(GrpcConversation, TheEighthClientWaitsForAStream) {
  serve();
  std::vector<std::unique_ptr<ByteStream>> clients;
  std::vector<std::unique_ptr<ByteStream>> streams;
  for (int count = 0; count < 7; ++count) {
    clients.push_back(connect());
    ASSERT_TRUE(writeFrame(*clients.back(), requestFrame("busy")));
    streams.push_back(handed_over.take());
    ASSERT_EQ(readFrame(*streams.back()), requestFrame("busy"));
  }
  const auto eighth = connect();
  ASSERT_TRUE(writeFrame(*eighth, requestFrame("eighth")));
  EXPECT_EQ(server->calls(), 7);

  ASSERT_TRUE(writeFrame(*streams[3], codeFrame()));
  const auto stream = handed_over.take();
  EXPECT_EQ(readFrame(*stream), requestFrame("eighth"));
  ASSERT_TRUE(writeFrame(*stream, codeFrame()));
  EXPECT_EQ(readFrame(*eighth), codeFrame());
  EXPECT_EQ(readFrame(*clients[3]), codeFrame());
  EXPECT_EQ(server->calls(), 8);
}

TEST_F(GrpcConversation, FramesInPieces) {
  serve();
  const auto client = connect();
  auto bytes = requestFrame();
  const std::size_t request_size = bytes.size();
  const auto reply = replyFrame();
  bytes.insert(bytes.end(), reply.begin(), reply.end());
  for (const std::byte& byte : bytes) ASSERT_TRUE(writeAll(*client, {&byte, 1}, kNever));
  const auto stream = handed_over.take();
  std::vector<std::byte> read(request_size);
  for (std::byte& byte : read) ASSERT_EQ(stream->readSome({&byte, 1}, kNever), 1);
  EXPECT_EQ(read, requestFrame());
  EXPECT_EQ(stream->buffered(), 0);
}

TEST_F(GrpcConversation, WhatIsNoFrameIsNotSent) {
  serve();
  const auto client = connect();
  const std::vector<std::byte> huge(8, std::byte{0xff});
  EXPECT_EQ(writeFrame(*client, huge).error().code, NetErrc::other);
}

TEST_F(GrpcConversation, GoodbyesAreNoMessages) {
  serve();
  const auto client = connect();
  EXPECT_TRUE(writeFrame(*client, frameWith(CompileFrameType::kClientSessionTerminate, std::uint64_t{7})));
  EXPECT_TRUE(writeFrame(*client, JitaasMessage(CompileFrameType::kConnectionTerminate).serialize()));
  EXPECT_EQ(readFrame(*client).error().code, NetErrc::endOfFile);
  compile(*client);
  EXPECT_EQ(server->calls(), 1);
}

TEST_F(GrpcConversation, AClientThatGivesUpMayGoOn) {
  serve({.streams = 1});
  const auto client = connect();
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(writeFrame(*client, requestFrame()));
    auto stream = handed_over.take();
    ASSERT_TRUE(readFrame(*stream));
    ASSERT_TRUE(writeFrame(*stream, queryFrame()));
    ASSERT_TRUE(readFrame(*client));
    // Returns when the server has ended the call.
    const auto giving_up =
        runtime.spawn("client", [&] { EXPECT_TRUE(writeFrame(*client, interruptedFrame())); });
    EXPECT_EQ(readFrame(*stream), interruptedFrame());
    EXPECT_TRUE(isOver(readToTheEnd(*stream)));
    stream.reset();
    giving_up->join();
    compile(*client);
  }
}

using GrpcDeadline = GrpcTest;

TEST_F(GrpcDeadline, ALateMessageIsForTheNextRead) {
  serve();
  const auto client = connect();
  ASSERT_TRUE(writeFrame(*client, requestFrame()));
  const auto stream = handed_over.take();
  ASSERT_TRUE(readFrame(*stream));
  EXPECT_EQ(readFrame(*client, kAtOnce).error().code, NetErrc::timedOut);
  EXPECT_EQ(readFrame(*client, runtime.now() + std::chrono::milliseconds(5)).error().code, NetErrc::timedOut);
  EXPECT_EQ(readFrame(*stream, runtime.now() + std::chrono::milliseconds(5)).error().code, NetErrc::timedOut);
  ASSERT_TRUE(writeFrame(*stream, queryFrame()));
  EXPECT_EQ(readFrame(*client), queryFrame());
  ASSERT_TRUE(writeFrame(*client, replyFrame()));
  EXPECT_EQ(readFrame(*stream), replyFrame());
}

TEST_F(GrpcDeadline, QueuesAreDrainedWhileReadsAreOut) {
  serve({.streams = 1});
  auto client = connect();
  ASSERT_TRUE(writeFrame(*client, requestFrame()));
  auto stream = handed_over.take();
  ASSERT_TRUE(readFrame(*stream));
  EXPECT_EQ(readFrame(*client, kAtOnce).error().code, NetErrc::timedOut);
  EXPECT_EQ(readFrame(*stream, kAtOnce).error().code, NetErrc::timedOut);
  stream.reset();
  EXPECT_EQ(server->renewals(), 1);
  client.reset();
  compile(*connect());
}

/// Frames that nobody reads, until gRPC's windows are full.
NetErrc writeUntilLate(Runtime& runtime, ByteStream& stream, const std::vector<std::byte>& frame) {
  while (true) {
    const auto written = writeAll(stream, frame, runtime.now() + std::chrono::milliseconds(20));
    if (!written) return written.error().code;
  }
}

class GrpcFull : public GrpcTest, public testing::WithParamInterface<bool> {};

TEST_P(GrpcFull, QueuesAreDrainedWhileWritesAreOut) {
  const bool by_client = GetParam();
  CompileServerOptions options{.streams = 1};
  options.finish_timeout_ms = 10;
  options.endpoint.port = 0;
  auto made = CompileServer::make(runtime, options, handed_over);
  ASSERT_TRUE(made);
  server = std::move(*made);
  server->start();
  auto client = connect();
  ASSERT_TRUE(writeFrame(*client, requestFrame()));
  auto stream = handed_over.take();
  ASSERT_TRUE(readFrame(*stream));
  const auto frame = frameWith(kQueryType, std::string(1'000'000, 'x'));
  EXPECT_EQ(writeUntilLate(runtime, by_client ? *client : *stream, frame), NetErrc::timedOut);
  (by_client ? client : stream).reset();
  (by_client ? stream : client).reset();
  EXPECT_EQ(server->renewals(), 1);
}

INSTANTIATE_TEST_SUITE_P(Both, GrpcFull, testing::Values(true, false),
                         [](const auto& which) { return which.param ? "client" : "server"; });

using GrpcSelector = GrpcTest;

TEST_F(GrpcSelector, ReportsTheFirstMessage) {
  serve({.streams = 1});
  const auto selector = runtime.makeSelector("test");
  const auto client = connect();
  for (int round = 0; round < 3; ++round) {
    // The stream of a call whose client goes on only when it is watched.
    ASSERT_TRUE(writeFrame(*client, requestFrame()));
    const auto stream = handed_over.take();
    ASSERT_TRUE(readFrame(*stream));
    selector->add(stream->waitable());
    EXPECT_TRUE(selector->wait(kAtOnce).empty());
    ASSERT_TRUE(writeFrame(*client, replyFrame()));
    EXPECT_EQ(selector->wait(kNever), std::vector{&stream->waitable()});
    EXPECT_TRUE(readFrame(*stream));
    selector->add(stream->waitable());
    EXPECT_TRUE(selector->wait(kAtOnce).empty());
    selector->remove(stream->waitable());
    ASSERT_TRUE(writeFrame(*stream, codeFrame()));
    selector->add(stream->waitable());
    EXPECT_EQ(selector->wait(kNever), std::vector{&stream->waitable()});
    EXPECT_TRUE(readFrame(*client));
  }
}

TEST_F(GrpcSelector, ReportsCancelAndBreak) {
  serve();
  const auto selector = runtime.makeSelector("test");
  for (const bool by_client : {true, false}) {
    auto client = connect();
    ASSERT_TRUE(writeFrame(*client, requestFrame()));
    const auto stream = handed_over.take();
    ASSERT_TRUE(readFrame(*stream));
    selector->add(stream->waitable());
    if (by_client) {
      client.reset();
    } else {
      stream->cancel();
    }
    EXPECT_EQ(selector->wait(kNever), std::vector{&stream->waitable()});
  }
}

TEST_F(GrpcSelector, AWatchedStreamIsDestroyed) {
  serve({.streams = 1});
  const auto client = connect();
  ASSERT_TRUE(writeFrame(*client, requestFrame()));
  auto stream = handed_over.take();
  ASSERT_TRUE(readFrame(*stream));
  const auto selector = runtime.makeSelector("test");
  selector->add(stream->waitable());
  EXPECT_TRUE(selector->wait(kAtOnce).empty());
  selector->remove(stream->waitable());
  stream.reset();
  EXPECT_EQ(server->renewals(), 1);
  EXPECT_EQ(readToTheEnd(*client), NetErrc::reset);
}

}  // namespace
}  // namespace jitrig
