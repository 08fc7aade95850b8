#include "protocol/catalogue/descriptor_shape.h"

#include <gtest/gtest.h>

#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/wire/message.h"

namespace jitrig {
namespace {

std::string describe(std::string_view type) {
  return describeDescriptor(WireType::parse(type).value());
}

TEST(DescriptorShapeTest, InWords) {
  EXPECT_EQ(describe("int32"), "INT32, 4 bytes");
  EXPECT_EQ(describe("uint64"), "UINT64, 8 bytes, aligned to 8");
  EXPECT_EQ(describe("bool"), "BOOL, 1 byte and 3 of padding");
  EXPECT_EQ(describe("string"), "STRING");
  EXPECT_EQ(describe("object(1)"), "OBJECT, 1 byte and 3 of padding");
  EXPECT_EQ(describe("object(4)"), "OBJECT, 4 bytes");
  EXPECT_EQ(describe("object(6)"), "OBJECT, 6 bytes and 2 of padding, aligned to 8");
  EXPECT_EQ(describe("object(824)"), "OBJECT, 824 bytes, aligned to 8");
  EXPECT_EQ(describe("vector<int32>"), "SIMPLE_VECTOR of 4-byte elements, or EMPTY_VECTOR");
  EXPECT_EQ(describe("vector<object(8)>"), "SIMPLE_VECTOR of 8-byte elements, aligned to 8, or EMPTY_VECTOR");
  EXPECT_EQ(describe("vector<object(256)>"), "VECTOR of OBJECT, or EMPTY_VECTOR");
  EXPECT_EQ(describe("vector<tuple<bool, bool>>"), "VECTOR of TUPLE, or EMPTY_VECTOR");
  EXPECT_EQ(describe("tuple<string, bool>"), "TUPLE of 2");
}

/// What our own writer does with a data point of every type in the catalogue, vectors with one element.
class Written : public ::testing::TestWithParam<Build> {};

Value withOneElement(const WireType& type) {
  if (type.kind != WireType::Kind::vector) return defaultValue(type);
  const WireType& element = type.elements.front();
  if (const std::uint32_t size = simpleVectorElementSize(element)) {
    return Value::SimpleVector{static_cast<std::uint8_t>(size), std::vector<std::byte>(size)};
  }
  return Value::Vector{{defaultValue(element)}};
}

void expectShape(const WireType& type) {
  Message message(7);
  addValue(message, withOneElement(type));
  const DescriptorShape shape = descriptorShape(type);
  const DataPoint written = *message.dataPoints().begin();
  EXPECT_EQ(written.type(), shape.type) << toString(type);
  if (shape.payload_size_bytes) {
    EXPECT_EQ(written.payload().size(), *shape.payload_size_bytes) << toString(type);
  }
  const auto bytes = message.serialize();
  const auto offset = static_cast<std::size_t>(written.payload().data() - bytes.data());
  EXPECT_EQ(offset % shape.alignment_bytes, 0U) << toString(type);
  EXPECT_EQ(static_cast<std::uint8_t>(bytes[16 + 3]), shape.element_size_bytes) << toString(type);
  if (const auto padding = shape.paddingBytes()) {
    EXPECT_EQ(static_cast<std::uint8_t>(bytes[16 + 1]), *padding) << toString(type);
  }
}

TEST_P(Written, AsTheShapeSays) {
  const auto table = Catalogue::builtIn().table("head", GetParam()).value();
  for (const MessageType& type : table->types()) {
    for (const WireType& data_point : type.request.value_or(std::vector<WireType>{})) expectShape(data_point);
    for (const WireType& data_point : type.reply.value_or(std::vector<WireType>{})) expectShape(data_point);
  }
}

INSTANTIATE_TEST_SUITE_P(BothBuilds, Written, ::testing::Values(Build::openjdk, Build::j9),
                         [](const auto& parameter) { return std::string(toString(parameter.param)); });

}  // namespace
}  // namespace jitrig
