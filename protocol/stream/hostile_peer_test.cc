#include <cstring>

#include "protocol/catalogue/remote_pointer.h"
#include "protocol/stream/conversation_test.h"

// wire.md, "What a hostile or broken peer can send": what a stream must do with each of them. That of bytes
// alone is in protocol/wire; here: the right exception, its words, and that nothing hangs.

namespace jitrig {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Cause = StreamFailure::Cause;

class HostilePeerTest : public OverEveryCarrier {
 protected:
  /// What the server says of a client that begins with these bytes.
  std::string malformed(const std::vector<std::byte>& bytes) {
    std::string what;
    run([&](Runtime& runtime, StreamPair pair) {
      const auto peer = spawnWriter(runtime, *pair.client, bytes);
      ServerStream stream(runtime, std::move(pair.server), headDialect(), server_options);
      const auto failure = failureOf(Cause::malformed, [&] { stream.readCompileRequestMessage(); });
      what = failure.what();
      EXPECT_THAT(what, HasSubstr(stream.name()));
      EXPECT_EQ(stream.message().numDataPoints(), 0);
      // Bytes that cannot be understood stay so: no later read finds a message in them.
      thrownBy<StreamFailure>([&] {
        stream.cancel();
        stream.readCompileRequestMessage();
      });
    });
    return what;
  }

  std::string malformed(std::string_view text) {
    const auto bytes = bytesOf(text);
    return malformed(std::vector(bytes.begin(), bytes.end()));
  }
};
JITRIG_OVER_EVERY_CARRIER(HostilePeerTest);

template <class T>
std::vector<std::byte> patched(std::vector<std::byte> bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  return bytes;
}

std::vector<std::byte> request() {
  return messageBytes(numberOf("compilationRequest"), std::uint64_t{1}, std::string("method"));
}

TEST_P(HostilePeerTest, SizeBelowAHeader) {
  for (const std::uint32_t size : {0U, 1U, 15U}) {
    EXPECT_THAT(malformed(patched(request(), 0, size)),
                AllOf(HasSubstr("offset 0: message size"), HasSubstr(std::to_string(size) + " bytes"),
                      HasSubstr("16")));
  }
}

TEST_P(HostilePeerTest, SizeBeyondTheLimit) {
  server_options.limits.max_message_size_bytes = 1'000;
  EXPECT_THAT(malformed(patched(request(), 0, 1'001U)),
              AllOf(HasSubstr("offset 0: message size"), HasSubstr("1001 bytes"), HasSubstr("1000")));
}

TEST_P(HostilePeerTest, AnotherProtocolIsNamed) {
  EXPECT_THAT(malformed("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"), HasSubstr("HTTP"));
  EXPECT_THAT(malformed("PROXY TCP4 192.0.2.1 192.0.2.2 56324 38400\r\n"), HasSubstr("PROXY"));
  EXPECT_THAT(malformed(std::string_view("\r\n\r\n\0\r\nQUIT\n", 12)), HasSubstr("PROXY"));
  EXPECT_THAT(malformed(std::string_view("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 11)), HasSubstr("TLS"));
}

TEST_P(HostilePeerTest, ABigEndianPeerIsRecognised) {
  auto bytes = request();
  const auto size = static_cast<std::uint32_t>(bytes.size());
  bytes = patched(bytes, 0, __builtin_bswap32(size));
  bytes = patched(bytes, 4, __builtin_bswap32(0x01006900));
  EXPECT_THAT(malformed(bytes), HasSubstr("big-endian"));
  // A size whose bytes look the same swapped: the version word tells.
  std::vector<std::byte> palindrome = patched(std::vector<std::byte>(0x010001), 0, 0x00010100U);
  palindrome = patched(palindrome, 4, __builtin_bswap32(0x01006900));
  EXPECT_THAT(malformed(palindrome), HasSubstr("big-endian"));
}

TEST_P(HostilePeerTest, DataPointsThatDoNotFit) {
  EXPECT_THAT(malformed(patched(request(), 14, std::uint16_t{3})), HasSubstr("data point count"));
  EXPECT_THAT(malformed(patched(request(), 14, std::uint16_t{1})), HasSubstr("trailingBytes"));
  EXPECT_THAT(malformed(patched(request(), 16, std::uint8_t{7})), HasSubstr("offset 16: data type: 7"));
  EXPECT_THAT(malformed(patched(request(), 20, 0xfffffff0U)), HasSubstr("offset 20"));
}

TEST_P(HostilePeerTest, ABodyOnABodylessMessage) {
  EXPECT_THAT(malformed(messageBytes(numberOf("connectionTerminate"), true)), HasSubstr("bodyNotAllowed"));
}

/// A peer that accepts and sends our own bytes back. The client sees its request, which no server sends.
TEST_P(HostilePeerTest, AnEchoIsNoServer) {
  run([&](Runtime& runtime, StreamPair pair) {
    const auto echo = runtime.spawn("echo", [&] {
      std::vector<std::byte> buffer(4096);
      while (const auto count = pair.server->readSome(buffer, patience(runtime))) {
        if (!writeAll(*pair.server, std::span(buffer).first(*count), patience(runtime))) return;
      }
    });
    {
      ClientStream stream(runtime, std::move(pair.client), headDialect(), {});
      stream.buildCompileRequest(std::uint64_t{1});
      EXPECT_THAT(thrownBy<StreamMessageTypeMismatch>([&] { stream.read(); }).what(),
                  AllOf(HasSubstr("received compilationRequest"), HasSubstr("only clients send it")));
    }
    echo->join();
  });
}

/// A client that echoes: the answer has the right type, but the question's data points.
TEST_P(HostilePeerTest, AnEchoIsNoClient) {
  converse(
      [](ClientStream& stream) {
        stream.buildCompileRequest(std::uint64_t{1});
        stream.read();
        stream.write(stream.message().type(), toValues(stream.message()));
      },
      [](ServerStream& stream) {
        stream.readCompileRequestMessage();
        stream.write(numberOf("VM_isClassArray"), RemotePointer{1});
        EXPECT_THAT(thrownBy<StreamTypeMismatch>([&] { stream.read<bool>(); }).what(),
                    HasSubstr("VM_isClassArray"));
      });
}

/// 64 MiB are announced, three pages come: no more than these may be allocated. The reader's memory grows by
/// doubling what has arrived, which the size of what it asks for shows.
TEST_P(HostilePeerTest, MemoryGrowsWithBytesNotWithAnnouncements) {
  class RoomObserver final : public ByteStream {
   public:
    explicit RoomObserver(Waitable& waitable) : waitable_(waitable) {}
    NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant) override {
      EXPECT_LE(buffer.size(), std::max<std::size_t>(4096, 2 * arrived_));
      if (arrived_ >= 12'288) return std::unexpected(NetError{NetErrc::timedOut, "enough"});
      const std::size_t count = std::min<std::size_t>(buffer.size(), 512);
      std::memset(buffer.data(), 0, count);
      if (arrived_ == 0) {
        const std::uint32_t announced = std::uint32_t{64} << 20U;
        std::memcpy(buffer.data(), &announced, sizeof announced);
      }
      arrived_ += count;
      return count;
    }
    NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant) override {
      return bytes.size();
    }
    NetResult<void> closeWrite() override { return {}; }
    void reset() override {}
    void cancel() override {}
    std::size_t buffered() const override { return 0; }
    Waitable& waitable() override { return waitable_; }
    std::string localName() const override { return "local"; }
    std::string peerName() const override { return "peer"; }

   private:
    Waitable& waitable_;
    std::size_t arrived_ = 0;
  };
  run([](Runtime& runtime, StreamPair pair) {
    ServerStream stream(runtime, std::make_unique<RoomObserver>(pair.server->waitable()), headDialect(), {});
    EXPECT_THAT(failureOf(Cause::timeout, [&] { stream.readCompileRequestMessage(); }).what(),
                HasSubstr("after 12288 of 67108864 bytes"));
  });
}

/// Bytes by seed: noise, and real messages with noise in them.
std::vector<std::byte> hostileBytes(std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<std::byte> bytes;
  if (random.chance(1, 2)) {
    bytes = request();
    for (std::uint64_t change = random.below(4) + 1; change > 0; --change) {
      bytes[random.below(bytes.size())] = static_cast<std::byte>(random.below(256));
    }
    if (random.chance(1, 3)) bytes.resize(random.below(bytes.size()));
  } else {
    bytes.resize(random.below(200));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
    if (bytes.size() >= 4 && random.chance(1, 2)) {
      bytes = patched(std::move(bytes), 0, static_cast<std::uint32_t>(random.below(300)));
    }
  }
  return bytes;
}

/// Gives what it has, then the end of file.
class CannedByteStream final : public ByteStream {
 public:
  CannedByteStream(Waitable& waitable, std::vector<std::byte> bytes)
      : waitable_(waitable), bytes_(std::move(bytes)) {}
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant) override {
    const std::size_t count = std::min(buffer.size(), bytes_.size() - taken_);
    if (count == 0) return std::unexpected(NetError{NetErrc::endOfFile, "end of file"});
    std::memcpy(buffer.data(), bytes_.data() + taken_, count);
    taken_ += count;
    return count;
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant) override {
    return bytes.size();
  }
  NetResult<void> closeWrite() override { return {}; }
  void reset() override {}
  void cancel() override {}
  std::size_t buffered() const override { return bytes_.size() - taken_; }
  Waitable& waitable() override { return waitable_; }
  std::string localName() const override { return "local"; }
  std::string peerName() const override { return "peer"; }

 private:
  Waitable& waitable_;
  std::vector<std::byte> bytes_;
  std::size_t taken_ = 0;
};

/// Reads until the stream ends, and says with what words.
template <class Stream, class Read>
std::string endInWords(Stream& stream, Read read) {
  for (int messages = 0; messages < 100; ++messages) {
    try {
      read(stream);
    } catch (const StreamFailure& failure) {
      return failure.what();
    } catch (const StreamException&) {  // the next message may be one
    }
  }
  return "";
}

TEST_P(HostilePeerTest, RandomBytesEndInTheFamily) {
  run([](Runtime& runtime, StreamPair pair) {
    for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
      const std::vector<std::byte> bytes = hostileBytes(seed);
      ServerStream server(runtime, std::make_unique<CannedByteStream>(pair.server->waitable(), bytes),
                          headDialect(), {});
      EXPECT_NE(
          endInWords(server,
                     [](ServerStream& stream) { stream.readCompileRequest<std::uint64_t, std::string>(); }),
          "")
          << "seed " << seed;
      ClientStream client(runtime, std::make_unique<CannedByteStream>(pair.client->waitable(), bytes),
                          headDialect(), {});
      EXPECT_NE(endInWords(client,
                           [](ClientStream& stream) {
                             stream.read();
                             stream.getRecvData<std::uint64_t, std::string>();
                           }),
                "")
          << "seed " << seed;
    }
  });
}

/// The same over the carrier itself, with its segmentation, for fewer seeds.
TEST_P(HostilePeerTest, RandomBytesOverTheCarrierEndInTheFamily) {
  run([](Runtime& runtime, StreamPair) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      auto pair = std::get<1>(GetParam()).connect(runtime);
      const auto peer = runtime.spawn("peer", [&, client = std::move(pair.client)]() mutable {
        static_cast<void>(writeAll(*client, hostileBytes(seed), patience(runtime)));
        client.reset();
      });
      ServerStream server(runtime, std::move(pair.server), headDialect(), {});
      EXPECT_NE(
          endInWords(server,
                     [](ServerStream& stream) { stream.readCompileRequest<std::uint64_t, std::string>(); }),
          "")
          << "seed " << seed;
    }
  });
}

}  // namespace
}  // namespace jitrig
