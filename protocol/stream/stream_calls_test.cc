#include <stdexcept>

#include "protocol/catalogue/version_word.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/conversation_test.h"
#include "protocol/stream/mock_byte_stream.h"

// What the streams ask of their ByteStream, call by call. What comes of it for a conversation is tested over
// real carriers: communication_stream_test.cc, stream_failure_test.cc.

namespace jitrig {
namespace {

using testing::_;
using testing::AnyNumber;
using testing::InSequence;
using testing::Return;
using testing::StrictMock;
using Cause = StreamFailure::Cause;

MATCHER_P(HasSize, size, "") {
  return arg.size() == static_cast<std::size_t>(size);
}

class StreamCallsTest : public testing::Test {
 protected:
  /// In a world, since a stream takes its deadlines from a Runtime. `bytes` belongs to the stream of the
  /// body.
  template <class Stream, class Options>
  void with(const std::function<void(Stream&, StrictMock<MockByteStream>&, Runtime&)>& body) {
    SimulatedRuntime runtime;
    runtime.runOrThrow([&] {
      auto owned = std::make_unique<StrictMock<MockByteStream>>();
      auto& bytes = *owned;
      EXPECT_CALL(bytes, localName).Times(AnyNumber());  // for messages of exceptions
      EXPECT_CALL(bytes, peerName).Times(AnyNumber());
      Stream stream(runtime, std::move(owned), headDialect(), Options{});
      body(stream, bytes, runtime);
    });
  }
  using Bytes = StrictMock<MockByteStream>;
  void withClient(const std::function<void(ClientStream&, Bytes&, Runtime&)>& body) {
    with<ClientStream, StreamOptions>(body);
  }
  void withServer(const std::function<void(ServerStream&, Bytes&, Runtime&)>& body) {
    with<ServerStream, ServerStreamOptions>(body);
  }

  static std::vector<std::byte> request(std::uint64_t client_uid) {
    return messageBytes(headDialect()->compilation_request, client_uid);
  }
};

/// wire.md, "Conversation rules": real peers need at least the size field in one segment.
TEST_F(StreamCallsTest, EachMessageIsWrittenWithOneCall) {
  withClient([](ClientStream& stream, Bytes& bytes, Runtime& runtime) {
    const Instant deadline = StreamOptions{}.deadlineAfter(runtime.now());
    {
      const InSequence in_order;
      EXPECT_CALL(bytes, writeSome(HasSize(request(1).size()), deadline));
      EXPECT_CALL(bytes, writeSome(HasSize(messageBytes(1, std::string(100'000, 'x')).size()), deadline));
      EXPECT_CALL(bytes, writeSome(HasSize(messageBytes(1).size()), deadline));
    }
    stream.buildCompileRequest(std::uint64_t{1});
    stream.write(numberOf("VM_isClassArray"), std::string(100'000, 'x'));
    stream.writeError(headDialect()->connection_terminate);
  });
}

TEST_F(StreamCallsTest, AFailedWriteIsNotTriedAgain) {
  withClient([](ClientStream& stream, Bytes& bytes, Runtime&) {
    EXPECT_CALL(bytes, writeSome).WillOnce(Return(std::unexpected(NetError{NetErrc::reset, "reset"})));
    failureOf(Cause::network, [&] { stream.buildCompileRequest(std::uint64_t{1}); });
  });
}

TEST_F(StreamCallsTest, WhatMustNotBeSentIsNotWritten) {
  withClient([](ClientStream& stream, Bytes& bytes, Runtime&) {
    EXPECT_CALL(bytes, writeSome).Times(0);
    thrownBy<std::invalid_argument>([&] { stream.writeError(numberOf("VM_isClassArray")); });
  });
}

TEST_F(StreamCallsTest, AMessageThatComesAtOnceIsReadWithOneCall) {
  withServer([](ServerStream& stream, Bytes& bytes, Runtime&) {
    EXPECT_CALL(bytes, readSome).WillOnce(arrival(request(7)));
    EXPECT_EQ(stream.readCompileRequest<std::uint64_t>(), std::tuple(std::uint64_t{7}));
  });
}

TEST_F(StreamCallsTest, AllReadsOfAMessageHaveItsDeadline) {
  withServer([](ServerStream& stream, Bytes& bytes, Runtime& runtime) {
    const std::vector<std::byte> whole = request(7);
    const Instant deadline = StreamOptions{}.deadlineAfter(runtime.now());
    {
      const InSequence in_order;
      EXPECT_CALL(bytes, readSome(_, deadline)).WillOnce([&](std::span<std::byte> buffer, Instant until) {
        runtime.sleepUntil(runtime.now() + milliseconds(20'000));
        return arrival({whole.begin(), whole.begin() + 10})(buffer, until);
      });
      EXPECT_CALL(bytes, readSome(_, deadline)).WillOnce(arrival({whole.begin() + 10, whole.end()}));
    }
    stream.readCompileRequestMessage();

    const Instant next = StreamOptions{}.deadlineAfter(runtime.now());
    EXPECT_CALL(bytes, readSome(_, next)).WillOnce(arrival(whole));
    stream.readCompileRequestMessage();
  });
}

TEST_F(StreamCallsTest, WhatCameWithAMessageIsNotWaitedForAgain) {
  withServer([](ServerStream& stream, Bytes& bytes, Runtime&) {
    std::vector<std::byte> two = request(1);
    const std::vector<std::byte> second = request(2);
    two.insert(two.end(), second.begin(), second.end());
    EXPECT_CALL(bytes, readSome).WillOnce(arrival(two));
    EXPECT_EQ(stream.readCompileRequest<std::uint64_t>(), std::tuple(std::uint64_t{1}));
    EXPECT_EQ(stream.readCompileRequest<std::uint64_t>(), std::tuple(std::uint64_t{2}));
  });
}

TEST_F(StreamCallsTest, AfterARefusedMessageNothingMoreIsRead) {
  withServer([](ServerStream& stream, Bytes& bytes, Runtime&) {
    const std::span<const std::byte> http = bytesOf("GET / HTTP/1.1\r\n\r\n");
    EXPECT_CALL(bytes, readSome).WillOnce(arrival({http.begin(), http.end()}));
    for (int read = 0; read < 3; ++read) {
      failureOf(Cause::malformed, [&] { stream.readCompileRequestMessage(); });
    }
  });
}

/// A refused peer is told nothing by the stream itself: what it is told is the caller's to write.
TEST_F(StreamCallsTest, AClientOfAnotherVersionIsNotAnsweredByTheStream) {
  withServer([](ServerStream& stream, Bytes& bytes, Runtime&) {
    Message older(headDialect()->compilation_request);
    older.setVersion(versionWord(1, 104), headDialect()->announced.config);
    setArgs(older, std::uint64_t{1});
    const std::span<const std::byte> whole = older.serialize();
    EXPECT_CALL(bytes, readSome).WillOnce(arrival({whole.begin(), whole.end()}));
    EXPECT_CALL(bytes, writeSome).Times(0);
    thrownBy<StreamVersionIncompatible>([&] { stream.readCompileRequestMessage(); });
  });
}

TEST_F(StreamCallsTest, CancelAndResetAreForwardedOnce) {
  withClient([](ClientStream& stream, Bytes& bytes, Runtime&) {
    EXPECT_CALL(bytes, cancel).Times(1);
    stream.cancel();
    EXPECT_CALL(bytes, reset).Times(1);
    stream.reset();
  });
}

TEST_F(StreamCallsTest, BytesThatAreHeldBackNeedNoSelector) {
  withClient([](ClientStream& stream, Bytes& bytes, Runtime&) {
    EXPECT_CALL(bytes, waitable).Times(0);
    EXPECT_CALL(bytes, buffered).WillRepeatedly(Return(3));
    EXPECT_TRUE(stream.hasBufferedInput());
    EXPECT_TRUE(stream.waitReadable(kAtOnce));
  });
}

/// No goodbye, no closeWrite(), no cancel(): a strict mock that is left alone.
TEST_F(StreamCallsTest, ADestroyedStreamOnlyDestroysItsByteStream) {
  withClient([](ClientStream&, Bytes&, Runtime&) {});
  withServer([](ServerStream&, Bytes&, Runtime&) {});
}

}  // namespace
}  // namespace jitrig
