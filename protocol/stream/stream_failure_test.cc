#include <algorithm>

#include "protocol/catalogue/remote_pointer.h"
#include "protocol/runtime/os/operating_system_runtime.h"
#include "protocol/stream/byte_stream_decorator.h"
#include "protocol/stream/conversation_test.h"

// When and how a stream fails: ends of file, deadlines, cancelling, resets.

namespace jitrig {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Cause = StreamFailure::Cause;

/// So that the time begins with the first byte, however late the peer's task begins.
void waitForTheFirstByte(Runtime& runtime, ServerStream& stream) {
  const auto selector = runtime.makeSelector("first byte");
  selector->add(stream.waitable());
  if (selector->wait(patience(runtime)).empty()) throw std::runtime_error("no byte came");
}

class StreamFailureTest : public OverEveryCarrier {
 protected:
  /// In the simulation time passes only where somebody waits, so it can be compared exactly.
  static bool timeIsVirtual() { return std::get<0>(GetParam()).name.starts_with("simulation"); }

  /// Short where it is waited for in earnest; nothing is asserted about how much longer it takes.
  std::int64_t timeout_ms = timeIsVirtual() ? 30'000 : 20;

  void expectTimeoutSince(Runtime& runtime, Instant start) {
    const Duration waited = runtime.now() - start;
    if (timeIsVirtual()) {
      EXPECT_EQ(waited, milliseconds(timeout_ms));
    } else {
      EXPECT_GE(waited, milliseconds(timeout_ms));
    }
  }

  ServerStreamOptions optionsWithTimeout() const {
    ServerStreamOptions options;
    options.timeout_ms = timeout_ms;
    return options;
  }
};
JITRIG_OVER_EVERY_CARRIER(StreamFailureTest);

TEST_P(StreamFailureTest, EndOfFileBetweenMessagesIsAnEnd) {
  run([](Runtime& runtime, StreamPair pair) {
    const auto peer = runtime.spawn("peer", [&] {
      valueOrThrow(
          writeAll(*pair.client, messageBytes(numberOf("compilationRequest"), true), patience(runtime)));
      valueOrThrow(pair.client->closeWrite());
    });
    ServerStream stream(runtime, std::move(pair.server), headDialect(), {});
    stream.readCompileRequestMessage();
    for (int read = 0; read < 2; ++read) {
      const auto end = failureOf(Cause::endOfStream, [&] { stream.readCompileRequestMessage(); });
      EXPECT_EQ(end.netError(), NetErrc::endOfFile);
      EXPECT_THAT(end.what(),
                  AllOf(HasSubstr("closed the connection before a message"), HasSubstr(stream.name())));
    }
  });
}

TEST_P(StreamFailureTest, EndOfFileInsideAMessageIsTruncationAtEveryByte) {
  run([](Runtime& runtime, StreamPair) {
    const auto whole = messageBytes(numberOf("compilationRequest"), std::uint64_t{1}, std::string("text"));
    for (std::size_t size = 1; size < whole.size(); ++size) {
      auto pair = std::get<1>(GetParam()).connect(runtime);
      const auto peer = runtime.spawn("peer", [&, client = std::move(pair.client)]() mutable {
        valueOrThrow(writeAll(*client, std::span(whole).first(size), patience(runtime)));
        client.reset();
      });
      ServerStream stream(runtime, std::move(pair.server), headDialect(), {});
      const auto end = failureOf(Cause::truncated, [&] { stream.readCompileRequestMessage(); });
      EXPECT_THAT(end.what(),
                  HasSubstr("after " + std::to_string(size) +
                            (size < 4 ? " bytes" : " of " + std::to_string(whole.size()) + " bytes")));
    }
  });
}

TEST_P(StreamFailureTest, ASilentPeerIsATimeout) {
  run([&](Runtime& runtime, StreamPair pair) {
    ServerStream stream(runtime, std::move(pair.server), headDialect(), optionsWithTimeout());
    const Instant start = runtime.now();
    const auto failure = failureOf(Cause::timeout, [&] { stream.readCompileRequestMessage(); });
    expectTimeoutSince(runtime, start);
    EXPECT_EQ(failure.netError(), NetErrc::timedOut);
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("within " + std::to_string(timeout_ms) + " ms"),
                                      HasSubstr("before a message"), HasSubstr(stream.name())));
  });
}

TEST_P(StreamFailureTest, ASizeThatNeverArrivesIsATimeout) {
  run([&](Runtime& runtime, StreamPair pair) {
    const auto peer = spawnWriter(runtime, *pair.client, {std::byte{64}, std::byte{0}});
    ServerStream stream(runtime, std::move(pair.server), headDialect(), optionsWithTimeout());
    waitForTheFirstByte(runtime, stream);
    const Instant start = runtime.now();
    const auto failure = failureOf(Cause::timeout, [&] { stream.readCompileRequestMessage(); });
    expectTimeoutSince(runtime, start);
    EXPECT_THAT(failure.what(), HasSubstr("after 2 bytes of a message"));
  });
}

TEST_P(StreamFailureTest, AClientsWaitForAnAnswerIsATimeout) {
  run([&](Runtime& runtime, StreamPair pair) {
    ClientStream stream(runtime, std::move(pair.client), headDialect(), optionsWithTimeout());
    const Instant start = runtime.now();
    failureOf(Cause::timeout, [&] { stream.read(); });
    expectTimeoutSince(runtime, start);
  });
}

/// One byte per tenth of the timeout: each read is in time, the message is not.
TEST_P(StreamFailureTest, APeerThatTricklesDoesNotExtendTheDeadline) {
  run([&](Runtime& runtime, StreamPair pair) {
    const auto whole = messageBytes(numberOf("compilationRequest"), std::string(400, 'x'));
    const auto peer = runtime.spawn("peer", [&] {
      for (const std::byte& byte : whole) {
        if (!writeAll(*pair.client, std::span(&byte, 1), patience(runtime))) return;
        runtime.sleepUntil(runtime.now() + milliseconds(timeout_ms) / 10);
      }
    });
    {
      ServerStream stream(runtime, std::move(pair.server), headDialect(), optionsWithTimeout());
      waitForTheFirstByte(runtime, stream);
      const Instant start = runtime.now();
      const auto failure = failureOf(Cause::timeout, [&] { stream.readCompileRequestMessage(); });
      expectTimeoutSince(runtime, start);
      EXPECT_THAT(failure.what(), HasSubstr(" of a message"));
    }
    pair.client->cancel();
  });
}

/// Has a byte at every read, however late: a reader that only looks at its deadline while it waits would
/// read for as long as the size limit allows.
class InexhaustibleByteStream final : public ByteStreamDecorator {
 public:
  InexhaustibleByteStream(Runtime& runtime, std::unique_ptr<ByteStream> inner, std::vector<std::byte> bytes)
      : ByteStreamDecorator(std::move(inner)), runtime_(runtime), bytes_(std::move(bytes)) {}

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant) override {
    runtime_.sleepUntil(runtime_.now() + milliseconds(1));
    buffer[0] = bytes_.at(taken_++);
    return 1;
  }
  std::size_t taken() const { return taken_; }

 private:
  Runtime& runtime_;
  std::vector<std::byte> bytes_;
  std::size_t taken_ = 0;
};

TEST_P(StreamFailureTest, APeerThatNeverLetsUsWaitDoesNotExtendTheDeadlineEither) {
  run([&](Runtime& runtime, StreamPair pair) {
    auto endless = std::make_unique<InexhaustibleByteStream>(
        runtime, std::move(pair.server),
        messageBytes(numberOf("compilationRequest"), std::string(1'000'000, 'x')));
    const InexhaustibleByteStream& peer = *endless;
    ServerStreamOptions options;
    options.timeout_ms = 10;
    ServerStream stream(runtime, std::move(endless), headDialect(), options);
    failureOf(Cause::timeout, [&] { stream.readCompileRequestMessage(); });
    EXPECT_LE(peer.taken(), 11U);
  });
}

/// Bytes that are there go before the deadline, so a late reader still gets a message that came in time. On
/// sockets only: a pipe holds nothing before somebody reads, and in the simulation a message comes in parts.
TEST(StreamFailureOnSocketsTest, AWholeMessageIsReadWithATimeoutOfZero) {
  OperatingSystemRuntime runtime;
  StreamPair pair = connectThroughPort(runtime);
  ServerStreamOptions options;
  options.timeout_ms = 0;
  ServerStream stream(runtime, std::move(pair.server), headDialect(), options);
  valueOrThrow(writeAll(*pair.client, messageBytes(numberOf("compilationRequest"), true), patience(runtime)));
  waitForTheFirstByte(runtime, stream);
  EXPECT_EQ(stream.readCompileRequest<bool>(), std::tuple(true));
}

TEST_P(StreamFailureTest, WritingToAPeerThatNeverReadsIsATimeout) {
  run([&](Runtime& runtime, StreamPair pair) {
    ClientStream stream(runtime, std::move(pair.client), headDialect(), optionsWithTimeout());
    const std::string large(std::size_t{32} << 20U, 'x');  // more than any system buffers
    const Instant start = runtime.now();
    const auto failure = failureOf(Cause::timeout, [&] { stream.buildCompileRequest(large); });
    expectTimeoutSince(runtime, start);
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("writing compilationRequest"), HasSubstr("bytes) failed")));
  });
}

TEST_P(StreamFailureTest, CancelEndsAReadOfAnotherTaskAndAllLaterCalls) {
  run([&](Runtime& runtime, StreamPair pair) {
    ServerStream stream(runtime, std::move(pair.server), headDialect(), {});
    const auto canceller = runtime.spawn("canceller", [&] {
      runtime.sleepUntil(runtime.now() + milliseconds(2));
      stream.cancel();
    });
    const auto failure = failureOf(Cause::network, [&] { stream.readCompileRequestMessage(); });
    EXPECT_EQ(failure.netError(), NetErrc::cancelled);
    EXPECT_THAT(failure.what(), HasSubstr("cancelled"));
    EXPECT_EQ(failureOf(Cause::network, [&] { stream.readCompileRequestMessage(); }).netError(),
              NetErrc::cancelled);
    EXPECT_EQ(failureOf(Cause::network, [&] { stream.writeError(1); }).netError(), NetErrc::cancelled);
  });
}

TEST_P(StreamFailureTest, CancelEndsAWriteOfAnotherTask) {
  run([&](Runtime& runtime, StreamPair pair) {
    ClientStream stream(runtime, std::move(pair.client), headDialect(), {});
    const auto canceller = runtime.spawn("canceller", [&] {
      runtime.sleepUntil(runtime.now() + milliseconds(2));
      stream.cancel();
    });
    const std::string large(std::size_t{32} << 20U, 'x');
    const auto failure = failureOf(Cause::network, [&] { stream.buildCompileRequest(large); });
    EXPECT_EQ(failure.netError(), NetErrc::cancelled);
  });
}

TEST_P(StreamFailureTest, APeerThatResetsIsANetworkFailure) {
  run([&](Runtime& runtime, StreamPair pair) {
    ServerStream server(runtime, std::move(pair.server), headDialect(), {});
    ClientStream client(runtime, std::move(pair.client), headDialect(), {});
    const auto peer = runtime.spawn("peer", [&] { client.reset(); });
    const auto failure = failureOf(Cause::network, [&] { server.readCompileRequestMessage(); });
    EXPECT_EQ(failure.netError(), NetErrc::reset);
    EXPECT_THAT(failure.what(),
                AllOf(HasSubstr("before a message"), HasSubstr("reset"), HasSubstr(server.name())));
  });
}

TEST_P(StreamFailureTest, WritingToAPeerThatIsGoneIsANetworkFailure) {
  run([&](Runtime& runtime, StreamPair pair) {
    ClientStream client(runtime, std::move(pair.client), headDialect(), {});
    pair.server->reset();
    // TCP learns of it with the answer to a write, or before.
    const auto failure = failureOf(Cause::network, [&] {
      for (int write = 0; write < 100'000; ++write) client.buildCompileRequest(std::uint64_t{1});
    });
    EXPECT_EQ(failure.netError(), NetErrc::reset);
  });
}

}  // namespace
}  // namespace jitrig
