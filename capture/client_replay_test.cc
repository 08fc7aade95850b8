#include "capture/client_replay.h"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/message_test_support.h"
#include "protocol/runtime/runtime_under_test.h"
#include "protocol/stream/server_stream.h"

namespace jitrig {
namespace {

using test::numberOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One connection: a request, a question, its answer, code.
class ClientReplayTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 public:
  ClientReplayTest() {
    conversation.connections.resize(1);
    record(Direction::client, dialect->compilation_request, std::uint64_t{1});
    record(Direction::server, numberOf("VM_isClassArray"), true);
    record(Direction::client, numberOf("VM_isClassArray"), false);
    record(Direction::server, dialect->compilation_code, std::string("code"));
  }

  template <class... T>
  void record(Direction direction, std::uint16_t type, const T&... args) {
    Message message(type);
    if constexpr (sizeof...(T) != 0) setArgs(message, args...);
    conversation.messages.push_back({.direction = direction, .message = std::move(message)});
  }

  /// Replays against a server that does `server_part` on the only connection.
  ReplayReport replayAgainst(const std::function<void(ServerStream&)>& server_part,
                             std::int64_t timeout_ms = 30'000) {
    ReplayReport report;
    GetParam().run([&](Runtime& runtime) {
      std::unique_ptr<Task> server;
      ClientReplay replay(runtime, conversation, dialect, {.timeout_ms = timeout_ms, .limits = {}}, {}, [&] {
        auto [near, far] = runtime.makePipe("pipe");
        server = runtime.spawn("server", [&, end = std::move(far)]() mutable {
          ServerStream stream(runtime, std::make_unique<ConnectionByteStream>(std::move(end)), dialect, {});
          try {
            server_part(stream);
          } catch (const StreamException&) {
            return;  // the replay has given up; its report says why
          }
        });
        return std::make_unique<ConnectionByteStream>(std::move(near));
      });
      report = replay.run();
      server->join();
    });
    return report;
  }

  std::shared_ptr<const Dialect> dialect = defaultDialect();
  Conversation conversation;
};
INSTANTIATE_TEST_SUITE_P(, ClientReplayTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(ClientReplayTest, AServerThatDoesAsRecorded) {
  const ReplayReport report = replayAgainst([](ServerStream& stream) {
    EXPECT_EQ(stream.readCompileRequest<std::uint64_t>(), std::tuple(std::uint64_t{1}));
    stream.write(numberOf("VM_isClassArray"), true);
    EXPECT_EQ(stream.read<bool>(), std::tuple(false));
    stream.finishCompilation(std::string("code"));
  });
  EXPECT_THAT(report.differences, IsEmpty());
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_EQ(report.messages_sent, 2U);
  EXPECT_EQ(report.messages_received, 2U);
  EXPECT_EQ(report.connections, 1U);
}

TEST_P(ClientReplayTest, TheFirstDifferenceEndsTheConnection) {
  const ReplayReport report = replayAgainst([](ServerStream& stream) {
    stream.readCompileRequestMessage();
    stream.write(numberOf("VM_isClassArray"), false);
    EXPECT_THROW(stream.readReply(), StreamFailure);
  });
  EXPECT_THAT(
      report.differences,
      ElementsAre("connection 0, message 1: VM_isClassArray: data point 0: recorded bool(true), received "
                  "bool(false)"));
  EXPECT_EQ(report.messages_sent, 1U);
}

TEST_P(ClientReplayTest, AServerThatClosesDiffers) {
  const ReplayReport report = replayAgainst([](ServerStream& stream) { stream.readCompileRequestMessage(); });
  ASSERT_EQ(report.differences.size(), 1U);
  EXPECT_THAT(report.differences[0], HasSubstr("closed the connection before a message"));
}

TEST_P(ClientReplayTest, ASilentServerDiffersAtTheTimeout) {
  const ReplayReport report = replayAgainst(
      [](ServerStream& stream) {
        stream.readCompileRequestMessage();
        stream.readReply();
      },
      20);
  ASSERT_EQ(report.differences.size(), 1U);
  EXPECT_THAT(report.differences[0], HasSubstr("no whole message within 20 ms"));
}

TEST_P(ClientReplayTest, AServerThatWentAwayIsNoted) {
  conversation.messages.pop_back();
  const ReplayReport report = replayAgainst([](ServerStream& stream) {
    stream.readCompileRequestMessage();
    stream.write(numberOf("VM_isClassArray"), true);
    stream.readReply();
  });
  EXPECT_THAT(report.differences, IsEmpty());
  EXPECT_THAT(report.notes,
              ElementsAre(HasSubstr("ends after the client's VM_isClassArray, where the server is due")));
}

TEST_P(ClientReplayTest, AResetIsReplayed) {
  conversation.messages.pop_back();
  conversation.messages.pop_back();
  conversation.connections[0].end(Direction::client).how = StreamEnd::reset;
  NetErrc seen = NetErrc::other;
  const ReplayReport report = replayAgainst([&](ServerStream& stream) {
    stream.readCompileRequestMessage();
    stream.write(numberOf("VM_isClassArray"), true);
    try {
      stream.readReply();
    } catch (const StreamFailure& failure) {
      seen = failure.netError();
    }
  });
  EXPECT_THAT(report.differences, IsEmpty());
  EXPECT_EQ(seen, NetErrc::reset);
}

TEST_P(ClientReplayTest, WithoutAConnectionThereIsNoReplay) {
  GetParam().run([&](Runtime& runtime) {
    ClientReplay replay(runtime, conversation, dialect, {}, {}, []() -> std::unique_ptr<ByteStream> {
      throw StreamFailure(StreamFailure::Cause::connect, "nobody there", NetErrc::refused);
    });
    EXPECT_THROW(replay.run(), StreamFailure);
  });
}

}  // namespace
}  // namespace jitrig
