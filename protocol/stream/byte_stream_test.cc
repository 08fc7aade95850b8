#include "protocol/stream/byte_stream.h"

#include "protocol/stream/byte_stream_decorator.h"
#include "protocol/stream/conversation_test.h"

namespace jitrig {
namespace {

using testing::HasSubstr;

class ByteStreamTest : public OverEveryCarrier {};
JITRIG_OVER_EVERY_CARRIER(ByteStreamTest);

/// Hands over one byte per call, and counts the calls.
class ReluctantWriter final : public ByteStreamDecorator {
 public:
  using ByteStreamDecorator::ByteStreamDecorator;
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    ++calls;
    return ByteStreamDecorator::writeSome(bytes.first(1), deadline);
  }
  int calls = 0;
};

class TransparentDecorator final : public ByteStreamDecorator {
 public:
  using ByteStreamDecorator::ByteStreamDecorator;
};

std::string readText(Runtime& runtime, ByteStream& stream, std::size_t size) {
  const std::vector<std::byte> bytes = readExactly(runtime, stream, size);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_P(ByteStreamTest, WriteAllGoesOnAfterPartialWrites) {
  run([](Runtime& runtime, StreamPair pair) {
    ReluctantWriter writer(std::move(pair.client));
    const auto task = runtime.spawn(
        "writer", [&] { valueOrThrow(writeAll(writer, bytesOf("partial writes"), patience(runtime))); });
    EXPECT_EQ(readText(runtime, *pair.server, 14), "partial writes");
    task->join();
    EXPECT_EQ(writer.calls, 14);
    valueOrThrow(writeAll(writer, {}, patience(runtime)));
    EXPECT_EQ(writer.calls, 14) << "nothing to write, nothing called";
  });
}

TEST_P(ByteStreamTest, WriteAllReportsTheError) {
  run([](Runtime& runtime, StreamPair pair) {
    pair.client->cancel();
    const auto written = writeAll(*pair.client, bytesOf("x"), patience(runtime));
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().code, NetErrc::cancelled);
  });
}

TEST_P(ByteStreamTest, ADecoratorForwardsEverything) {
  run([](Runtime& runtime, StreamPair pair) {
    ByteStream& innermost = *pair.client;
    TransparentDecorator client(std::make_unique<TransparentDecorator>(std::move(pair.client)));
    EXPECT_EQ(client.localName(), pair.server->peerName());
    EXPECT_EQ(client.peerName(), pair.server->localName());
    EXPECT_EQ(&client.waitable(), &innermost.waitable());
    EXPECT_EQ(client.buffered(), 0U);

    const auto echo = runtime.spawn("echo", [&] {
      const std::string text = readText(runtime, *pair.server, 4);
      valueOrThrow(writeAll(*pair.server, bytesOf(text), patience(runtime)));
      std::byte byte{};
      const auto end = pair.server->readSome(std::span(&byte, 1), patience(runtime));
      EXPECT_EQ(end.error().code, NetErrc::endOfFile);
    });
    valueOrThrow(writeAll(client, bytesOf("ping"), patience(runtime)));
    EXPECT_EQ(readText(runtime, client, 4), "ping");
    valueOrThrow(client.closeWrite());
    echo->join();

    client.cancel();
    std::byte byte{};
    EXPECT_EQ(client.readSome(std::span(&byte, 1), patience(runtime)).error().code, NetErrc::cancelled);
  });
}

TEST_P(ByteStreamTest, ADecoratorForwardsTheReset) {
  run([](Runtime& runtime, StreamPair pair) {
    TransparentDecorator client(std::move(pair.client));
    client.reset();
    std::byte byte{};
    EXPECT_EQ(pair.server->readSome(std::span(&byte, 1), patience(runtime)).error().code, NetErrc::reset);
  });
}

}  // namespace
}  // namespace jitrig
