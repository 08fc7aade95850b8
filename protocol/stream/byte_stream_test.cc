#include "protocol/stream/byte_stream.h"

#include <algorithm>

#include "protocol/stream/byte_stream_decorator.h"
#include "protocol/stream/conversation_test.h"
#include "protocol/stream/mock_byte_stream.h"

namespace jitrig {
namespace {

using testing::HasSubstr;

class ByteStreamTest : public OverEveryCarrier {};
JITRIG_OVER_EVERY_CARRIER(ByteStreamTest);

class TransparentDecorator final : public ByteStreamDecorator {
 public:
  using ByteStreamDecorator::ByteStreamDecorator;
};

std::string readText(Runtime& runtime, ByteStream& stream, std::size_t size) {
  const std::vector<std::byte> bytes = readExactly(runtime, stream, size);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The text of what writeSome is to write.
auto isText(std::string_view text) {
  return testing::Truly(
      [text](std::span<const std::byte> bytes) { return std::ranges::equal(bytes, bytesOf(text)); });
}

TEST(WriteAllTest, AfterPartialWritesGoesOnWithTheRestUntilTheSameDeadline) {
  const Instant deadline{17};
  testing::StrictMock<MockByteStream> stream;
  {
    const testing::InSequence in_order;
    EXPECT_CALL(stream, writeSome(isText("partial writes"), deadline)).WillOnce(testing::Return(1));
    EXPECT_CALL(stream, writeSome(isText("artial writes"), deadline)).WillOnce(testing::Return(7));
    EXPECT_CALL(stream, writeSome(isText("writes"), deadline)).WillOnce(testing::Return(6));
  }
  valueOrThrow(writeAll(stream, bytesOf("partial writes"), deadline));
}

TEST(WriteAllTest, WritesNothingWhereThereIsNothing) {
  testing::StrictMock<MockByteStream> stream;
  valueOrThrow(writeAll(stream, {}, kNever));
}

TEST(WriteAllTest, DoesNotTryAgainAfterAnError) {
  testing::StrictMock<MockByteStream> stream;
  EXPECT_CALL(stream, writeSome)
      .WillOnce(testing::Return(2))
      .WillOnce(testing::Return(std::unexpected(NetError{NetErrc::reset, "reset by peer"})));
  const auto written = writeAll(stream, bytesOf("text"), kNever);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, NetErrc::reset);
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
