#include "protocol/wire/value.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "protocol/wire/value_text.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig::testing {
namespace {

Value parsed(std::string_view text) {
  return parseValue(text).value();
}

/// How a value comes back from the wire.
std::string afterTheWire(std::string_view text) {
  Message message(100);
  addValue(message, parsed(text));
  const auto received = Message::parse(message.serialize(), headOptions());
  EXPECT_TRUE(received) << toString(received.error());
  return toText(toValues(*received));
}

TEST(Value, KnowsItsType) {
  EXPECT_EQ(Value(std::int32_t{1}).type(), DataType::INT32);
  EXPECT_EQ(Value(std::int64_t{1}).type(), DataType::INT64);
  EXPECT_EQ(Value(std::uint32_t{1}).type(), DataType::UINT32);
  EXPECT_EQ(Value(std::uint64_t{1}).type(), DataType::UINT64);
  EXPECT_EQ(Value(true).type(), DataType::BOOL);
  EXPECT_EQ(Value(Value::String{}).type(), DataType::STRING);
  EXPECT_EQ(Value(Value::Object{}).type(), DataType::OBJECT);
  EXPECT_EQ(Value(Value::Vector{}).type(), DataType::VECTOR);
  EXPECT_EQ(Value(Value::SimpleVector{}).type(), DataType::SIMPLE_VECTOR);
  EXPECT_EQ(Value(Value::EmptyVector{}).type(), DataType::EMPTY_VECTOR);
  EXPECT_EQ(Value(Value::Tuple{}).type(), DataType::TUPLE);
}

TEST(Value, GivesItsContentsOnlyAsTheTypeThatItIs) {
  const Value value(std::int32_t{-7});
  ASSERT_NE(value.get<std::int32_t>(), nullptr);
  EXPECT_EQ(*value.get<std::int32_t>(), -7);
  EXPECT_EQ(value.get<std::uint32_t>(), nullptr);
  EXPECT_EQ(value.get<Value::Object>(), nullptr);
}

TEST(Value, EqualsOnlyTheSameTypeAndContents) {
  const std::vector<std::string> different{"int32(1)",
                                           "int64(1)",
                                           "uint32(1)",
                                           "uint64(1)",
                                           "int32(2)",
                                           "bool(true)",
                                           "bool(false)",
                                           "string(\"\")",
                                           "string(\"a\")",
                                           "object()",
                                           "object(61)",
                                           "simple_vector(1: 0102)",
                                           "simple_vector(2: 0102)",
                                           "vector()",
                                           "empty_vector",
                                           "tuple()",
                                           "vector(int32(1))",
                                           "tuple(int32(1))",
                                           "tuple(int32(1), int32(1))"};
  for (const std::string& one : different) {
    for (const std::string& other : different) {
      EXPECT_EQ(parsed(one) == parsed(other), one == other) << one << " and " << other;
    }
  }
}

TEST(Value, ComesBackFromTheWireAsItWasIfCanonical) {
  for (const char* text :
       {"int32(-2147483648)", "int64(-9223372036854775808)", "uint32(4294967295)",
        "uint64(18446744073709551615)", "bool(true)", "bool(false)", "string(\"\")", "string(\"abc\")",
        "object()", "object(0102030405)", "simple_vector(3: 010203040506)", "empty_vector",
        "vector(string(\"a\"), string(\"\"))", "vector(tuple(int32(1)), tuple(int32(2)))", "tuple()",
        "tuple(tuple(), empty_vector, bool(true))", "vector(bool(true))"}) {
    EXPECT_EQ(afterTheWire(text), text);
  }
}

TEST(Value, IsWrittenAsEmptyVectorWhereAVectorIsEmpty) {
  EXPECT_EQ(afterTheWire("vector()"), "empty_vector");
  EXPECT_EQ(afterTheWire("simple_vector(8: )"), "empty_vector");
  EXPECT_EQ(afterTheWire("tuple(vector())"), "tuple(empty_vector)");
}

TEST(Value, IsWrittenAsSimpleVectorWhereARealPeerWouldHave) {
  EXPECT_EQ(afterTheWire("vector(uint32(1), uint32(2))"), "simple_vector(4: 0100000002000000)");
  EXPECT_EQ(afterTheWire("vector(int64(-1))"), "simple_vector(8: ffffffffffffffff)");
  EXPECT_EQ(afterTheWire("vector(object(010203), object(040506))"), "simple_vector(3: 010203040506)");
}

TEST(Value, StaysAVectorWhereARealPeerCouldNotHaveSentASimpleOne) {
  for (const std::string text :
       {"vector(uint32(1), int32(2))", "vector(object(01), object(0203))", "vector(object(01), int32(1))",
        "vector(bool(true), bool(false))", "vector(object(), object())", "vector(string(\"a\"))"}) {
    EXPECT_EQ(afterTheWire(text), text);
  }
  const std::string object_of_255 = "object(" + std::string(510, 'a') + ")";
  const std::string object_of_256 = "object(" + std::string(512, 'a') + ")";
  EXPECT_EQ(afterTheWire("vector(" + object_of_256 + ")"), "vector(" + object_of_256 + ")");
  EXPECT_EQ(afterTheWire("vector(" + object_of_255 + ")"),
            "simple_vector(255: " + std::string(510, 'a') + ")");
}

}  // namespace
}  // namespace jitrig::testing
