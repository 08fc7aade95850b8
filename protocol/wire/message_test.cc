#include "protocol/wire/message.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "protocol/wire/allocation_watch.h"
#include "protocol/wire/args_raw.h"
#include "protocol/wire/value.h"
#include "protocol/wire/value_text.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig::testing {
namespace {

TEST(Message, IsAHeaderAloneAtFirst) {
  EXPECT_EQ(toHex(Message(0x1234).serialize()),
            "10000000"
            "00000000"
            "00000000"
            "3412"
            "0000");
}

TEST(Message, CarriesTypeVersionAndConfiguration) {
  Message message;
  message.start(8, 0x01006900, 0x3011);
  EXPECT_EQ(toHex(message.serialize()),
            "10000000"
            "00690001"
            "11300000"
            "0800"
            "0000");
  message.setVersion(0, 0);
  message.setType(9);
  EXPECT_EQ(toHex(message.serialize()),
            "10000000"
            "00000000"
            "00000000"
            "0900"
            "0000");
}

TEST(Message, KeepsSizeAndCountRightWhileItIsWritten) {
  Message message(100);
  setArgs(message, std::uint32_t{1});
  EXPECT_EQ(message.size(), 28U);
  EXPECT_EQ(message.numDataPoints(), 1);
  setArgs(message, std::string("x"), true);
  EXPECT_EQ(message.size(), 52U);
  EXPECT_EQ(message.numDataPoints(), 3);
  EXPECT_TRUE(Message::parse(message.serialize(), {}));
}

TEST(Message, DoesNotCountNestedDataPoints) {
  Message message(100);
  const std::size_t tuple = message.openTuple();
  const std::size_t vector = message.openVector(2);
  setArgs(message, std::string("a"), std::string("b"));
  message.closeContainer(vector);
  message.closeContainer(tuple);
  setArgs(message, true);
  EXPECT_EQ(message.numDataPoints(), 2);
  const auto parsed = Message::parse(message.serialize(), {});
  ASSERT_TRUE(parsed) << toString(parsed.error());
  EXPECT_EQ(toText(toValues(*parsed)), "tuple(vector(string(\"a\"), string(\"b\"))), bool(true)");
}

TEST(Message, CanBeStartedAnew) {
  Message message(100);
  setArgs(message, std::string("something long enough to be seen"));
  message.start(7);
  setArgs(message, true);
  EXPECT_EQ(toHex(message.serialize()),
            "1c000000"
            "00000000"
            "00000000"
            "0700"
            "0100"
            "04030000"
            "04000000"
            "01000000");
}

TEST(Message, WritesZerosOverWhatItsStorageHeldBefore) {
  Message message(100);
  setArgs(message, std::string(200, '\xff'));
  message.start(100);
  setArgs(message, true, std::uint64_t{1}, std::string("a"));
  EXPECT_EQ(notCanonical(message), "");
}

TEST(Message, HoldsAsManyDataPointsAsItsCountCanSay) {
  Message message(100);
  const Value value(Value::EmptyVector{});
  for (int count = 0; count < 65535; ++count) addValue(message, value);
  EXPECT_EQ(message.numDataPoints(), 65535);
  const Bytes before = bytesOf(message.serialize());
  EXPECT_THROW(addValue(message, value), std::length_error);
  EXPECT_THROW(message.openTuple(), std::length_error);
  EXPECT_EQ(bytesOf(message.serialize()), before);
  EXPECT_TRUE(Message::parse(before, {}));
}

TEST(Message, IsCopiedOnlyWhenAsked) {
  static_assert(!std::is_copy_constructible_v<Message> && !std::is_copy_assignable_v<Message>);
  static_assert(std::is_nothrow_move_constructible_v<Message>);
  Message message(100);
  setArgs(message, std::uint32_t{1});
  Message copy = message.copy();
  setArgs(copy, true);
  EXPECT_EQ(message.numDataPoints(), 1);
  EXPECT_EQ(copy.numDataPoints(), 2);
}

TEST(Message, GivesItsStorageAway) {
  Message message(100);
  setArgs(message, std::uint32_t{1});
  const Bytes written = bytesOf(message.serialize());
  const MessageBuffer buffer = message.takeBuffer();
  EXPECT_EQ(bytesOf(buffer.bytes()), written);
  EXPECT_EQ(message.type(), 0);
  EXPECT_EQ(message.size(), Message::kHeaderSize);
}

TEST(Message, IsEmptyAfterItGaveItsStorageAwayAndCanBeWrittenAgain) {
  Message message(100);
  const std::size_t container = message.openTuple();
  (void)message.takeBuffer();
  EXPECT_EQ(bytesOf(message.serialize()), bytesOf(Message(0).serialize()));
  EXPECT_GT(container, 0U);
  setArgs(message, true);  // not nested in the container that is gone
  EXPECT_EQ(message.numDataPoints(), 1);
  EXPECT_TRUE(Message::parse(message.serialize(), {}));
}

TEST(Message, CostsNoAllocationWhileItIsEmpty) {
  const AllocationWatch watch;
  Message message;
  EXPECT_EQ(message.size(), Message::kHeaderSize);
  EXPECT_EQ(message.type(), 0);
  EXPECT_TRUE(message.dataPoints().empty());
  EXPECT_EQ(message.takeBuffer().capacity(), 0U);
  EXPECT_EQ(watch.totalBytes(), 0U);
  EXPECT_EQ(bytesOf(message.serialize()), bytesOf(Message(0).serialize()));
}

TEST(Message, ThatIsEmptyIsBegunByWhateverIsWritten) {
  const auto hexAfter = [](auto write) {
    Message message;
    write(message);
    return toHex(message.serialize());
  };
  EXPECT_EQ(hexAfter([](Message& message) { message.setType(7); }), toHex(Message(7).serialize()));
  EXPECT_EQ(hexAfter([](Message& message) { message.setVersion(1, 2); }), "10000000010000000200000000000000");
  EXPECT_EQ(hexAfter([](Message& message) { message.closeContainer(message.openTuple()); }),
            "180000000000000000000000000001000b00000000000000");
  EXPECT_EQ(hexAfter([](Message& message) { message.addDataPoint(DataType::STRING, {}); }),
            "180000000000000000000000000001000500000000000000");
  EXPECT_EQ(hexAfter([](Message& message) { setArgs(message, std::string()); }),
            "180000000000000000000000000001000500000000000000");
}

TEST(MessageView, ReadsAMessageWhereItLies) {
  Message message(0x1234);
  message.setVersion(5, 6);
  setArgs(message, std::uint32_t{7}, std::string("abc"));
  const Bytes bytes = bytesOf(message.serialize());
  const AllocationWatch watch;
  const auto view = MessageView::parse(bytes, {});
  ASSERT_TRUE(view) << toString(view.error());
  EXPECT_EQ(view->type(), 0x1234);
  EXPECT_EQ(view->version(), 5U);
  EXPECT_EQ(view->config(), 6U);
  EXPECT_EQ(view->numDataPoints(), 2);
  EXPECT_EQ(view->bytes().data(), bytes.data());
  const auto values = getArgs<std::uint32_t, std::string_view>(*view);
  ASSERT_TRUE(values);
  EXPECT_EQ(*values, std::tuple(7, "abc"));
  EXPECT_EQ(static_cast<const void*>(std::get<1>(*values).data()), bytes.data() + 36);
  EXPECT_EQ(watch.totalBytes(), 0U);
}

TEST(MessageView, OfABodylessMessageHasNoDataPointsWhateverTheCountSays) {
  const Bytes bytes = RawMessage(26, 9).bytes();
  const auto view = MessageView::parse(bytes, headOptions());
  ASSERT_TRUE(view) << toString(view.error());
  EXPECT_EQ(view->numDataPoints(), 0);
  EXPECT_TRUE(view->dataPoints().empty());
  EXPECT_EQ(bytesOf(view->bytes()), bytes);
  EXPECT_FALSE(MessageView::parse(bytes, {}));
}

TEST(MessageView, WithoutBytesIsAnEmptyMessage) {
  EXPECT_EQ(bytesOf(MessageView().bytes()), bytesOf(Message(0).serialize()));
  EXPECT_EQ(MessageView().numDataPoints(), 0);
}

TEST(Message, WalksItsDataPointsWithoutCopies) {
  Message message(100);
  setArgs(message, std::uint32_t{1}, std::string("abc"));
  const auto parsed = Message::parse(message.serialize(), {});
  ASSERT_TRUE(parsed);
  auto point = parsed->dataPoints().begin();
  EXPECT_EQ((*point).offset(), 16U);
  EXPECT_EQ((*point++).payload().data(), parsed->serialize().data() + 24);
  EXPECT_EQ((*point).type(), DataType::STRING);
  EXPECT_EQ((*point).nextOffset(), parsed->size());
  EXPECT_EQ(++point, parsed->dataPoints().end());
}

}  // namespace
}  // namespace jitrig::testing
