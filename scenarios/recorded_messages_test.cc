#include <algorithm>

#include "protocol/catalogue/data_point_fit.h"
#include "scenarios/personas_test_support.h"

// What the real code wrote and what this project writes are the same bytes.
namespace jitrig::test {
namespace {

void zero(std::vector<std::byte>& bytes, std::size_t offset, std::size_t count) {
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), count, std::byte{0});
}

/// Zeroes what real peers leave as it was: filler before the payload, padding behind it.
void zeroPadding(std::vector<std::byte>& bytes, const DataPointRange& points) {
  for (const DataPoint point : points) {
    const DataDescriptor& descriptor = point.descriptor();
    zero(bytes, point.payloadOffset() - descriptor.data_offset, descriptor.data_offset);
    zero(bytes, point.nextOffset() - descriptor.padding, descriptor.padding);
    if (point.type() == DataType::VECTOR || point.type() == DataType::TUPLE) {
      zeroPadding(bytes, point.elements());
    }
  }
}

std::vector<std::byte> withoutLeftovers(const Message& message, bool bodyless) {
  std::vector<std::byte> bytes(message.serialize().begin(), message.serialize().end());
  if (bodyless) {
    zero(bytes, 14, 2);  // the stale data point count
  } else {
    zeroPadding(bytes, message.dataPoints());
  }
  return bytes;
}

class RecordedMessagesTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RecordedMessagesTest, AreWrittenAgainByteForByte) {
  const Conversation conversation = readCapture(GetParam());
  ASSERT_FALSE(conversation.messages.empty());
  for (const ConversationMessage& recorded : conversation.messages) {
    const Message& message = recorded.message;
    Message again;
    again.start(message.type(), message.version(), message.config());
    addValues(again, toValues(message));
    const auto expected = withoutLeftovers(message, headDialect()->bodyless.contains(message.type()));
    ASSERT_TRUE(std::ranges::equal(again.serialize(), expected))
        << "packet " << recorded.packet << ": " << headDialect()->typeName(message.type());
  }
}

INSTANTIATE_TEST_SUITE_P(, RecordedMessagesTest,
                         ::testing::Values("plain_1conn_3compiles", "tour_all_queries", "concurrent_4conns",
                                           "interrupt_then_reconnect", "interrupt_same_conn_pipelined",
                                           "fin_mid_compile", "big_messages", "version_mismatch_1_104",
                                           "aot_hit_and_store_and_failure", "long_session_50compiles"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace jitrig::test
