#include "cli/abbreviated_text.h"

#include <gtest/gtest.h>

#include "protocol/wire/value_text.h"

namespace jitrig {
namespace {

constexpr AbbreviationLimits kSmall{
    .max_bytes = 4, .max_elements = 2, .max_data_points = 3, .max_text_bytes = 60};

std::string abbreviated(const std::vector<Value>& values, const AbbreviationLimits& limits = kSmall) {
  std::string out;
  appendAbbreviatedText(out, values, limits);
  return out;
}

std::vector<std::byte> bytes(std::size_t count) {
  return std::vector<std::byte>(count, std::byte{0xab});
}

TEST(AbbreviatedTextTest, ShortDataIsShownAsAlways) {
  const std::vector<Value> values{Value(std::int32_t{-2}),
                                  Value(std::int64_t{-3}),
                                  Value(std::uint32_t{4}),
                                  Value(std::uint64_t{5}),
                                  Value(true),
                                  Value(Value::String{"a\"\n"}),
                                  Value(Value::Object{bytes(2)}),
                                  Value(Value::SimpleVector{2, bytes(4)}),
                                  Value(Value::EmptyVector{}),
                                  Value(Value::Vector{{Value(false)}}),
                                  Value(Value::Tuple{{}})};
  EXPECT_EQ(abbreviated(values, {}), toText(values));
}

TEST(AbbreviatedTextTest, LongBytesAreCut) {
  EXPECT_EQ(abbreviated({Value(Value::String{"abcd"})}), R"(string("abcd"))");
  EXPECT_EQ(abbreviated({Value(Value::String{"abcde"})}), R"(string("abcd"… 5 bytes))");
  EXPECT_EQ(abbreviated({Value(Value::Object{bytes(4)})}), "object(abababab)");
  EXPECT_EQ(abbreviated({Value(Value::Object{bytes(5)})}), "object(abababab… 5 bytes)");
  EXPECT_EQ(abbreviated({Value(Value::SimpleVector{2, bytes(6)})}), "simple_vector(2: abababab… 6 bytes)");
}

TEST(AbbreviatedTextTest, ACharacterIsNotCutInTwo) {
  EXPECT_EQ(abbreviated({Value(Value::String{"abcéd"})}), R"(string("abc"… 6 bytes))");
  EXPECT_EQ(abbreviated({Value(Value::String{"a€b"})}), R"(string("a€"… 5 bytes))");
  EXPECT_EQ(abbreviated({Value(Value::String{"\x80\x80\x80\x80\x80\x80"})}), R"(string("\x80"… 6 bytes))");
}

TEST(AbbreviatedTextTest, LongContainersAreCut) {
  const std::vector<Value> three(3, Value(true));
  EXPECT_EQ(abbreviated({Value(Value::Vector{three})}), "vector(bool(true), bool(true), … 1 more)");
  EXPECT_EQ(abbreviated({Value(Value::Tuple{three})}), "tuple(bool(true), bool(true), … 1 more)");
  EXPECT_EQ(abbreviated(std::vector<Value>(5, Value(true))), "bool(true), bool(true), bool(true), … 2 more");
}

TEST(AbbreviatedTextTest, TheTextAsAWholeIsLimited) {
  const Value inner(Value::Tuple{{Value(true), Value(true)}});
  const Value outer(Value::Tuple{{inner, inner}});
  EXPECT_EQ(abbreviated({outer, outer, outer}),
            "tuple(tuple(bool(true), bool(true)), tuple(bool(true), bool(true))), … 2 more");
  EXPECT_EQ(
      abbreviated({outer}, {.max_bytes = 4, .max_elements = 2, .max_data_points = 3, .max_text_bytes = 8}),
      "tuple(tuple(… 2 more), … 1 more)");
}

}  // namespace
}  // namespace jitrig
