#include "protocol/stream/communication_stream.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <optional>

#include "protocol/catalogue/remote_pointer.h"
#include "protocol/stream/byte_stream_decorator.h"
#include "protocol/stream/conversation_test.h"

namespace jitrig {
namespace {

using testing::HasSubstr;

class CommunicationStreamTest : public OverEveryCarrier {};
JITRIG_OVER_EVERY_CARRIER(CommunicationStreamTest);

/// Delivers what `inner` has in pieces of the given sizes; after them, one piece takes whatever comes.
class SegmentedByteStream final : public ByteStreamDecorator {
 public:
  SegmentedByteStream(std::unique_ptr<ByteStream> inner, std::function<std::size_t()> next_size)
      : ByteStreamDecorator(std::move(inner)), next_size_(std::move(next_size)) {}

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    if (piece_ == 0) piece_ = next_size_();
    const auto count = ByteStreamDecorator::readSome(buffer.first(std::min(buffer.size(), piece_)), deadline);
    if (count) piece_ -= *count;
    return count;
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    return ByteStreamDecorator::writeSome(bytes.first(std::min<std::size_t>(bytes.size(), 3)), deadline);
  }

 private:
  std::function<std::size_t()> next_size_;
  std::size_t piece_ = 0;
};

/// Delivers only when all of `size` bytes have come: what was written apart is read together.
class CoalescingByteStream final : public ByteStreamDecorator {
 public:
  CoalescingByteStream(std::unique_ptr<ByteStream> inner, std::size_t size)
      : ByteStreamDecorator(std::move(inner)), bytes_(size) {}

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    while (arrived_ < bytes_.size()) {
      const auto count = ByteStreamDecorator::readSome(std::span(bytes_).subspan(arrived_), deadline);
      if (!count) return count;
      arrived_ += *count;
    }
    if (taken_ == bytes_.size()) return ByteStreamDecorator::readSome(buffer, deadline);
    const std::size_t count = std::min(buffer.size(), buffered());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(taken_), count, buffer.begin());
    taken_ += count;
    return count;
  }
  std::size_t buffered() const override { return arrived_ - taken_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t arrived_ = 0;
  std::size_t taken_ = 0;
};

std::vector<std::byte> threeRequests() {
  std::vector<std::byte> bytes;
  for (std::uint64_t uid = 1; uid <= 3; ++uid) {
    const auto one = messageBytes(numberOf("compilationRequest"), uid, std::string(uid, 'x'));
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  return bytes;
}

void expectThreeRequests(ServerStream& stream) {
  for (std::uint64_t uid = 1; uid <= 3; ++uid) {
    EXPECT_EQ((stream.readCompileRequest<std::uint64_t, std::string>()),
              std::tuple(uid, std::string(uid, 'x')));
  }
  EXPECT_FALSE(stream.hasBufferedInput());
}

TEST_P(CommunicationStreamTest, ReadsTheSameInEverySegmentation) {
  const std::vector<std::byte> bytes = threeRequests();
  run([&](Runtime& runtime, StreamPair) {
    RandomStream random(1);
    for (std::size_t split = 0; split <= bytes.size() + 20; ++split) {
      // Byte by byte; every split in two; random pieces.
      std::function<std::size_t()> sizes = [] { return std::size_t{1}; };
      if (split > 0)
        sizes = [split, first = true]() mutable {
          return std::exchange(first, false) ? split : std::numeric_limits<std::size_t>::max();
        };
      if (split > bytes.size()) sizes = [&random] { return 1 + static_cast<std::size_t>(random.below(40)); };

      auto pair = std::get<1>(GetParam()).connect(runtime);
      const auto writer = spawnWriter(runtime, *pair.client, bytes);
      ServerStream stream(runtime, std::make_unique<SegmentedByteStream>(std::move(pair.server), sizes),
                          headDialect(), {});
      expectThreeRequests(stream);
    }
  });
}

TEST_P(CommunicationStreamTest, KeepsTheSurplusOfARead) {
  const std::vector<std::byte> bytes = threeRequests();
  run([&](Runtime& runtime, StreamPair pair) {
    const auto writer = spawnWriter(runtime, *pair.client, bytes);
    ServerStream stream(runtime, std::make_unique<CoalescingByteStream>(std::move(pair.server), bytes.size()),
                        headDialect(), {});
    EXPECT_FALSE(stream.hasBufferedInput());
    stream.readCompileRequestMessage();
    EXPECT_TRUE(stream.hasBufferedInput()) << "a Selector would not see the second message";
    stream.readCompileRequestMessage();
    EXPECT_TRUE(stream.hasBufferedInput());
    stream.readCompileRequestMessage();
    EXPECT_FALSE(stream.hasBufferedInput());
  });
}

TEST_P(CommunicationStreamTest, BytesOfADecoratorCountAsBufferedInput) {
  const std::vector<std::byte> bytes = threeRequests();
  const std::size_t first_size =
      messageBytes(numberOf("compilationRequest"), std::uint64_t{1}, std::string("x")).size();
  run([&](Runtime& runtime, StreamPair pair) {
    const auto writer = spawnWriter(runtime, *pair.client, bytes);
    // The stream reads exactly the first message; the others stay in the decorator.
    auto coalescing = std::make_unique<CoalescingByteStream>(std::move(pair.server), bytes.size());
    ServerStream stream(
        runtime,
        std::make_unique<SegmentedByteStream>(std::move(coalescing), [first_size] { return first_size; }),
        headDialect(), {});
    stream.readCompileRequestMessage();
    EXPECT_TRUE(stream.hasBufferedInput());
    stream.readCompileRequestMessage();
    stream.readCompileRequestMessage();
    EXPECT_FALSE(stream.hasBufferedInput());
  });
}

/// Both directions byte by byte and in partial writes: nothing of a conversation depends on segments.
TEST_P(CommunicationStreamTest, ConversesInSmallPieces) {
  run([](Runtime& runtime, StreamPair pair) {
    const auto bytewise = [] { return std::size_t{1}; };
    const auto server = runtime.spawn("server", [&] {
      ServerStream stream(runtime, std::make_unique<SegmentedByteStream>(std::move(pair.server), bytewise),
                          headDialect(), {});
      stream.readCompileRequestMessage();
      for (std::uint64_t address = 0; address < 20; ++address) {
        stream.write(numberOf("VM_isClassArray"), RemotePointer{address});
        EXPECT_EQ(stream.read<bool>(), std::tuple(address % 3 == 0));
      }
      stream.finishCompilation(std::string("code"));
    });
    ClientStream stream(runtime, std::make_unique<SegmentedByteStream>(std::move(pair.client), bytewise),
                        headDialect(), {});
    stream.buildCompileRequest(std::uint64_t{1});
    while (stream.read() == numberOf("VM_isClassArray")) {
      stream.write(stream.message().type(),
                   std::get<0>(stream.getRecvData<RemotePointer>()).address % 3 == 0);
    }
    EXPECT_EQ(stream.getRecvData<std::string_view>(), std::tuple("code"));
    server->join();
  });
}

TEST_P(CommunicationStreamTest, ReadsViewsThatDoNotCopy) {
  converse(
      [](ClientStream& stream) {
        stream.buildCompileRequest(std::string(5'000, 'a'), std::vector<std::uint64_t>{1, 2});
      },
      [](ServerStream& stream) {
        const auto [text, numbers] =
            stream.readCompileRequest<std::string_view, std::span<const std::uint64_t>>();
        EXPECT_EQ(text, std::string(5'000, 'a'));
        EXPECT_THAT(numbers, testing::ElementsAre(1, 2));
        const std::span<const std::byte> whole = stream.message().serialize();
        EXPECT_TRUE(std::less<>()(whole.data(), std::as_bytes(std::span(text)).data()));
        EXPECT_TRUE(std::less<>()(std::as_bytes(numbers).data(), whole.data() + whole.size()));
      });
}

/// wire.md: what was not received in this message does not exist.
TEST_P(CommunicationStreamTest, AFailedReadLeavesNoOldMessage) {
  converse([](ClientStream& stream) { stream.buildCompileRequest(std::string("old")); },
           [](ServerStream& stream) {
             stream.readCompileRequestMessage();
             EXPECT_EQ(stream.message().numDataPoints(), 1);
             failureOf(StreamFailure::Cause::endOfStream, [&] { stream.readCompileRequestMessage(); });
             EXPECT_EQ(stream.message().numDataPoints(), 0);
           });
}

TEST_P(CommunicationStreamTest, CountsMessages) {
  MessageCounters client_counters;
  MessageCounters server_counters;
  converse(
      [&](ClientStream& stream) {
        stream.countInto(client_counters);
        for (int request = 0; request < 3; ++request) {
          stream.buildCompileRequest(std::uint64_t{1});
          stream.read();
        }
        stream.writeError(stream.dialect().connection_terminate);
      },
      [&](ServerStream& stream) {
        stream.countInto(server_counters);
        for (int request = 0; request < 3; ++request) {
          stream.readCompileRequestMessage();
          stream.writeError(1);
        }
        thrownBy<StreamConnectionTerminate>([&] { stream.readCompileRequestMessage(); });
      });
  EXPECT_EQ(client_counters.sent, 4U);
  EXPECT_EQ(client_counters.received, 3U);
  EXPECT_EQ(server_counters.sent, 3U);
  EXPECT_EQ(server_counters.received, 4U);
}

TEST_P(CommunicationStreamTest, LargeMessagesAreFollowedBySmallOnes) {
  const std::string large(3'000'000, 'L');
  converse(
      [&](ClientStream& stream) {
        for (int round = 0; round < 3; ++round) {
          stream.buildCompileRequest(std::uint64_t{1}, large);
          EXPECT_EQ(stream.read(), stream.dialect().compilation_code);
          EXPECT_EQ(std::get<0>(stream.getRecvData<std::string_view>()).size(), large.size());
          stream.buildCompileRequest(std::uint64_t{2}, std::string("small"));
          stream.read();
          EXPECT_EQ(stream.getRecvData<std::string_view>(), std::tuple("small"));
        }
      },
      [&](ServerStream& stream) {
        for (int round = 0; round < 6; ++round) {
          const auto text = std::get<1>(stream.readCompileRequest<std::uint64_t, std::string>());
          EXPECT_EQ(text.size(), round % 2 == 0 ? large.size() : 5U);
          stream.finishCompilation(text);
        }
      });
}

/// Shows the storage of the messages read and written last.
class TransparentServerStream final : public ServerStream {
 public:
  using ServerStream::ServerStream;
  std::size_t capacityOfReceived() { return const_cast<Message&>(message()).takeBuffer().capacity(); }
  std::size_t capacityOfOutgoing() { return outgoing().takeBuffer().capacity(); }
};

/// Thousands of idle connections must not each keep the storage of the largest message they carried.
TEST_P(CommunicationStreamTest, TheStorageOfALargeMessageIsNotKept) {
  static constexpr std::size_t kSmall = std::size_t{256} * 1024;
  run([](Runtime& runtime, StreamPair pair) {
    const auto client = runtime.spawn("client", [&] {
      ClientStream stream(runtime, std::move(pair.client), headDialect(), {});
      stream.buildCompileRequest(std::string(3'000'000, 'L'));
      for (int small = 0; small < 4; ++small) stream.buildCompileRequest(std::string("small"));
      stream.read();
    });
    TransparentServerStream stream(runtime, std::move(pair.server), headDialect(), {});
    EXPECT_EQ(std::get<0>(stream.readCompileRequest<std::string_view>()).size(), 3'000'000U);
    for (int small = 0; small < 4; ++small) {
      EXPECT_EQ(stream.readCompileRequest<std::string_view>(), std::tuple("small"));
      EXPECT_LE(stream.capacityOfReceived(), kSmall) << small;
    }
    stream.finishCompilation(std::string(3'000'000, 'L'));
    EXPECT_LE(stream.capacityOfOutgoing(), kSmall);
    client->join();
  });
}

TEST_P(CommunicationStreamTest, NamesBothEnds) {
  run([](Runtime& runtime, StreamPair pair) {
    const std::string expected = pair.client->localName() + " -> " + pair.client->peerName();
    ClientStream stream(runtime, std::move(pair.client), headDialect(), {});
    EXPECT_EQ(stream.name(), expected);
    EXPECT_EQ(&stream.dialect(), headDialect().get());
  });
}

/// A Selector wakes for the first byte of the next request: how servers park idle connections.
TEST_P(CommunicationStreamTest, CanBeParkedAtASelector) {
  run([](Runtime& runtime, StreamPair pair) {
    const auto selector = runtime.makeSelector("parked streams");
    ServerStream stream(runtime, std::move(pair.server), headDialect(), {});
    selector->add(stream.waitable());
    const auto writer =
        spawnWriter(runtime, *pair.client, messageBytes(numberOf("compilationRequest"), std::uint64_t{3}));
    EXPECT_THAT(selector->wait(patience(runtime)), testing::ElementsAre(&stream.waitable()));
    EXPECT_EQ(stream.readCompileRequest<std::uint64_t>(), std::tuple(std::uint64_t{3}));
    selector->remove(stream.waitable());
  });
}

TEST(StreamOptionsTest, DeadlinesSaturate) {
  const Instant now{1'000};
  EXPECT_EQ(StreamOptions{.timeout_ms = 2}.deadlineAfter(now), Instant{2'001'000});
  EXPECT_EQ(StreamOptions{.timeout_ms = 0}.deadlineAfter(now), now);
  EXPECT_EQ(StreamOptions{.timeout_ms = -5}.deadlineAfter(now), now);
  EXPECT_EQ(StreamOptions{.timeout_ms = std::numeric_limits<std::int64_t>::max()}.deadlineAfter(now), kNever);
  EXPECT_EQ(StreamOptions{.timeout_ms = 9'223'372'036'855}.deadlineAfter(now), kNever);
  EXPECT_EQ(StreamOptions{.timeout_ms = 9'223'372'036'854}.deadlineAfter(Instant{1'000'000}), kNever);
  EXPECT_EQ(StreamOptions{}.deadlineAfter(now), Instant{30'000'001'000});
}

}  // namespace
}  // namespace jitrig
