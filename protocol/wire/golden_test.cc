#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "protocol/wire/golden_messages.h"
#include "protocol/wire/value_json.h"
#include "protocol/wire/value_text.h"

namespace jitrig::testing {
namespace {

Message parsed(const Golden& golden) {
  auto message = Message::parse(golden.bytes, headOptions());
  if (!message) throw std::runtime_error(golden.name + ": " + toString(message.error()));
  return std::move(*message);
}

/// The golden with its meaningless bytes cleared, for comparisons of contents.
Message parsedCleared(const Golden& golden) {
  return std::move(Message::parse(golden.canonicalBytes(), headOptions()).value());
}

Golden::Descriptor describe(const DataPoint& point, std::size_t depth) {
  const DataDescriptor& d = point.descriptor();
  return {point.offset(),
          depth,
          std::string(toString(d.type)),
          d.padding,
          d.data_offset,
          d.element_size,
          d.size,
          point.payloadOffset(),
          point.payload().size()};
}

/// In the order in which they lie in the message, a vector's count included.
void walk(const DataPointRange& points, std::size_t depth, std::vector<Golden::Descriptor>& out) {
  for (const DataPoint point : points) {
    out.push_back(describe(point, depth));
    if (!point.descriptor().isContainer()) continue;
    if (point.type() == DataType::VECTOR) {
      const std::byte* message = point.payload().data() - point.payloadOffset();
      out.push_back(describe(DataPoint(message, point.payloadOffset()), depth + 1));
    }
    walk(point.elements(), depth + 1, out);
  }
}

TEST(Goldens, AreAllThere) {
  EXPECT_EQ(goldens().size(), 83U);
}

TEST(Goldens, ParseWithTheirMetaData) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    const Message message = parsed(golden);
    EXPECT_EQ(message.type(), golden.type);
    EXPECT_EQ(message.version(), golden.version);
    EXPECT_EQ(message.config(), golden.config);
    EXPECT_EQ(message.numDataPoints(), golden.isBodyless() ? 0 : golden.num_args);
    EXPECT_EQ(message.size(), golden.bytes.size());
  }
}

TEST(Goldens, HaveTheDescriptorsThatTheRealCodeWrote) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    const Message message = parsed(golden);
    std::vector<Golden::Descriptor> found;
    walk(message.dataPoints(), 0, found);
    EXPECT_EQ(found, golden.descriptors);
  }
}

TEST(Goldens, HoldTheValuesThatWereSent) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    Message expected(golden.type);
    addValues(expected, golden.args);
    // Through bytes, so that holes in structs can be cleared on both sides.
    const Bytes sent = golden.cleared(bytesOf(expected.serialize()));
    const auto from_args = Message::parse(sent, headOptions());
    ASSERT_TRUE(from_args) << toString(from_args.error());
    EXPECT_EQ(toText(toValues(parsedCleared(golden))), toText(toValues(*from_args)));
  }
}

TEST(Goldens, AreEncodedByteForByteFromTheirValues) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    Message message(golden.type);
    message.setVersion(golden.version, golden.config);
    addValues(message, golden.args);
    EXPECT_EQ(toHex(golden.cleared(bytesOf(message.serialize()))), toHex(golden.canonicalBytes()));
  }
}

TEST(Goldens, AreDecodedAndEncodedAgainByteForByte) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    const Message decoded = parsed(golden);
    Message message(decoded.type());
    message.setVersion(decoded.version(), decoded.config());
    addValues(message, toValues(decoded));
    EXPECT_EQ(notCanonical(message), "");
    EXPECT_EQ(toHex(golden.cleared(bytesOf(message.serialize()))), toHex(golden.canonicalBytes()));
  }
}

TEST(Goldens, SurviveTheTextForm) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    const std::vector<Value> values = toValues(parsed(golden));
    const auto back = parseValues(toText(values));
    ASSERT_TRUE(back) << toString(back.error());
    EXPECT_EQ(*back, values);
  }
}

TEST(Goldens, SurviveTheJsonForm) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    const std::vector<Value> values = toValues(parsed(golden));
    std::string json;
    appendJson(json, values);
    const auto back = parseValuesJson(json);
    ASSERT_TRUE(back) << toString(back.error());
    EXPECT_EQ(*back, values);
  }
}

TEST(Goldens, OfBodylessTypesHaveNoDataPointsWhateverTheirCountSays) {
  const Golden& stale = golden("compilationInterrupted_after_1_arg_reply");
  ASSERT_EQ(stale.bytes[14], std::byte{1});
  const Message message = parsed(stale);
  EXPECT_EQ(message.numDataPoints(), 0);
  EXPECT_TRUE(message.dataPoints().empty());
  // Not told which types have no body, the reader misses the data point.
  const auto untold = Message::parse(stale.bytes, ParseOptions{});
  ASSERT_FALSE(untold);
  EXPECT_EQ(untold.error().code, WireErrc::descriptorPastEnd);
}

}  // namespace
}  // namespace jitrig::testing
