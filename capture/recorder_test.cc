#include "capture/recorder.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "capture/capture_log.h"
#include "capture/conversation.h"
#include "capture/message_test_support.h"
#include "capture/pcap_writer.h"
#include "protocol/runtime/runtime_under_test.h"

namespace jitrig {
namespace {

using test::bytesOf;
using test::headTable;
using test::messageBytes;
using test::TemporaryFile;
using test::textFrom;
using ::testing::IsEmpty;

std::unique_ptr<ByteStream> streamOver(std::unique_ptr<Connection> connection) {
  return std::make_unique<ConnectionByteStream>(std::move(connection));
}

/// Reads until `count` bytes have come.
std::vector<std::byte> readBytes(ByteStream& stream, std::size_t count) {
  std::vector<std::byte> result;
  std::array<std::byte, 4096> buffer{};
  while (result.size() < count) {
    const auto got =
        stream.readSome(std::span(buffer).first(std::min(buffer.size(), count - result.size())), kNever);
    if (!got) {
      ADD_FAILURE() << got.error().detail;
      break;
    }
    result.insert(result.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*got));
  }
  return result;
}

NetErrc readError(ByteStream& stream) {
  std::array<std::byte, 16> buffer{};
  const auto got = stream.readSome(buffer, kNever);
  if (got) ADD_FAILURE() << "bytes instead of the end";
  return got ? NetErrc::other : got.error().code;
}

/// Each test runs in every house of the Runtime. The far end of the recorded stream is a task of its own.
class RecorderTest : public ::testing::TestWithParam<RuntimeUnderTest> {};

TEST_P(RecorderTest, RecordsBothDirectionsAndTheirEnds) {
  GetParam().run([](Runtime& runtime) {
    CaptureLog log;
    auto [near, far] = runtime.makePipe("pipe");
    auto far_task = runtime.spawn("far", [end = std::move(far)]() mutable {
      auto stream = streamOver(std::move(end));
      readBytes(*stream, 7);
      EXPECT_TRUE(writeAll(*stream, bytesOf("query"), kNever));
      EXPECT_TRUE(stream->closeWrite());
      EXPECT_EQ(readError(*stream), NetErrc::endOfFile);
    });
    {
      Recording recording(runtime, log);
      auto stream = recording.record(streamOver(std::move(near)), Peer::initiator);
      EXPECT_TRUE(writeAll(*stream, bytesOf("request"), kNever));
      EXPECT_EQ(test::textOf(readBytes(*stream, 5)), "query");
      EXPECT_EQ(readError(*stream), NetErrc::endOfFile);
      EXPECT_TRUE(stream->closeWrite());
      far_task->join();
      stream.reset();
      EXPECT_FALSE(recording.error());
    }
    ASSERT_EQ(log.file().connections.size(), 1U);
    const CapturedConnection& connection = log.file().connections[0];
    EXPECT_EQ(toString(connection.initiator), "127.0.1.1:40000");  // pipes have no address
    EXPECT_EQ(toString(connection.responder), "127.0.1.2:38400");
    EXPECT_EQ(textFrom(connection, Peer::initiator), "request");
    EXPECT_EQ(textFrom(connection, Peer::responder), "query");
    EXPECT_EQ(connection.end(Peer::responder).how, StreamEnd::fin);
    EXPECT_EQ(connection.end(Peer::initiator).how, StreamEnd::fin);
    EXPECT_LE(connection.end(Peer::responder).stamp.packet, connection.end(Peer::initiator).stamp.packet);
  });
}

TEST_P(RecorderTest, RecordsOnTheAcceptingSideWithRealAddresses) {
  GetParam().run([](Runtime& runtime) {
    CaptureLog log;
    Recording recording(runtime, log);
    auto acceptor = runtime.listen({.host = "127.0.0.1", .port = 0});
    ASSERT_TRUE(acceptor) << acceptor.error().detail;
    const std::uint16_t port = (*acceptor)->port();
    auto client_task = runtime.spawn("client", [&runtime, port] {
      auto connection = runtime.connect({.host = "127.0.0.1", .port = port}, kNever);
      ASSERT_TRUE(connection) << connection.error().detail;
      auto stream = streamOver(std::move(*connection));
      EXPECT_TRUE(writeAll(*stream, bytesOf("request"), kNever));
      readBytes(*stream, 5);
    });
    auto accepted = (*acceptor)->accept(kNever);
    ASSERT_TRUE(accepted) << accepted.error().detail;
    auto stream = recording.record(streamOver(std::move(*accepted)), Peer::responder);
    const std::string client_name = stream->peerName();
    readBytes(*stream, 7);
    EXPECT_TRUE(writeAll(*stream, bytesOf("query"), kNever));
    EXPECT_EQ(readError(*stream), NetErrc::endOfFile);
    client_task->join();
    const CapturedConnection& connection = log.file().connections.at(0);
    EXPECT_EQ(toString(connection.initiator), client_name);
    EXPECT_EQ(connection.responder.port, port);
    EXPECT_EQ(textFrom(connection, Peer::initiator), "request");
    EXPECT_EQ(textFrom(connection, Peer::responder), "query");
    EXPECT_EQ(connection.end(Peer::initiator).how, StreamEnd::fin);
  });
}

TEST_P(RecorderTest, RecordsABrokenConnectionFromEitherSide) {
  GetParam().run([](Runtime& runtime) {
    for (const bool near_breaks_it : {true, false}) {
      CaptureLog log;
      Recording recording(runtime, log);
      auto [near, far] = runtime.makePipe("pipe");
      auto stream = recording.record(streamOver(std::move(near)), Peer::initiator);
      if (near_breaks_it) {
        stream->reset();
      } else {
        far->reset();
        EXPECT_EQ(readError(*stream), NetErrc::reset);
      }
      stream.reset();
      const CapturedConnection& connection = log.file().connections.at(0);
      const Peer breaker = near_breaks_it ? Peer::initiator : Peer::responder;
      EXPECT_EQ(connection.end(breaker).how, StreamEnd::reset);
      EXPECT_EQ(connection.end(otherPeer(breaker)).how, StreamEnd::open);
    }
  });
}

TEST_P(RecorderTest, TasksMayShareARecording) {
  GetParam().run([](Runtime& runtime) {
    constexpr int kTasks = 4;
    constexpr int kMessages = 20;
    const TemporaryFile file;
    {
      auto writer = PcapWriter::create(file.path());
      ASSERT_TRUE(writer) << writer.error();
      Recording recording(runtime, *writer);
      std::vector<std::unique_ptr<Task>> tasks;
      for (int i = 0; i < kTasks; ++i) {
        auto [near, far] = runtime.makePipe("pipe");
        tasks.push_back(runtime.spawn("near", [&recording, end = std::move(near)]() mutable {
          auto stream = recording.record(streamOver(std::move(end)), Peer::initiator);
          for (int k = 0; k < kMessages; ++k) {
            EXPECT_TRUE(writeAll(*stream, messageBytes("compilationRequest"), kNever));
            readBytes(*stream, messageBytes("compilationFailure").size());
          }
        }));
        tasks.push_back(runtime.spawn("far", [end = std::move(far)]() mutable {
          auto stream = streamOver(std::move(end));
          for (int k = 0; k < kMessages; ++k) {
            readBytes(*stream, messageBytes("compilationRequest").size());
            EXPECT_TRUE(writeAll(*stream, messageBytes("compilationFailure"), kNever));
          }
        }));
      }
      for (auto& task : tasks) task->join();
      EXPECT_FALSE(recording.error());
      ASSERT_TRUE(writer->flush());
    }
    const auto capture = readCaptureFile(file.path());
    ASSERT_TRUE(capture) << capture.error();
    const Conversation conversation = conversationFromCapture(*capture, headTable());
    EXPECT_THAT(allWarnings(conversation), IsEmpty());
    EXPECT_EQ(conversation.connections.size(), std::size_t{kTasks});
    EXPECT_EQ(conversation.messages.size(), std::size_t{kTasks * kMessages * 2});
  });
}

/// Takes a connection's opening, and no data.
class FullSink final : public TrafficSink {
 public:
  Result open(std::uint32_t, const TcpAddress&, const TcpAddress&, std::int64_t) override { return {}; }
  Result data(std::uint32_t, Peer, std::span<const std::byte>, std::int64_t) override {
    ++attempts;
    return std::unexpected("the disk is full");
  }
  Result close(std::uint32_t, Peer, StreamEnd, std::int64_t) override {
    ADD_FAILURE() << "the recording had stopped";
    return {};
  }

  int attempts = 0;
};

TEST_P(RecorderTest, ASinkThatFailsEndsTheRecordingButNotTheTraffic) {
  GetParam().run([](Runtime& runtime) {
    FullSink sink;
    Recording recording(runtime, sink);
    auto [near, far] = runtime.makePipe("pipe");
    auto far_task = runtime.spawn("far", [end = std::move(far)]() mutable {
      auto stream = streamOver(std::move(end));
      EXPECT_EQ(test::textOf(readBytes(*stream, 6)), "onetwo");
    });
    {
      auto stream = recording.record(streamOver(std::move(near)), Peer::initiator);
      EXPECT_TRUE(writeAll(*stream, bytesOf("one"), kNever));
      EXPECT_TRUE(writeAll(*stream, bytesOf("two"), kNever));
      far_task->join();
    }
    EXPECT_EQ(sink.attempts, 1);
    EXPECT_EQ(recording.error(), "the disk is full");
  });
}

INSTANTIATE_TEST_SUITE_P(, RecorderTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

}  // namespace
}  // namespace jitrig
