#include "protocol/wire/value_text.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "protocol/wire/wire_testing.h"

namespace jitrig::testing {
namespace {

using Values = std::vector<Value>;

void expectText(const Values& values, const std::string& text) {
  EXPECT_EQ(toText(values), text);
  const auto back = parseValues(text);
  ASSERT_TRUE(back) << toString(back.error());
  EXPECT_EQ(*back, values);
}

void expectNotText(const std::string& text, const std::string& error) {
  const auto values = parseValues(text);
  ASSERT_FALSE(values) << text << " was read as " << toText(*values);
  EXPECT_EQ(toString(values.error()), error);
}

TEST(ValueText, ShowsEachType) {
  expectText({}, "");
  expectText({std::int32_t{-2}}, "int32(-2)");
  expectText({std::int64_t{7}}, "int64(7)");
  expectText({std::uint32_t{7}}, "uint32(7)");
  expectText({~std::uint64_t{0}}, "uint64(18446744073709551615)");
  expectText({true, false}, "bool(true), bool(false)");
  expectText({Value::String{std::string("abc\"\\\0", 6)}}, "string(\"abc\\\"\\\\\\x00\")");
  expectText({Value::Object{fromHex("0a0b")}}, "object(0a0b)");
  expectText({Value::SimpleVector{8, fromHex("0102030405060708")}}, "simple_vector(8: 0102030405060708)");
  expectText({Value::EmptyVector{}}, "empty_vector");
  expectText({Value::Vector{{Value::String{"a"}, Value::String{"b"}}}},
             "vector(string(\"a\"), string(\"b\"))");
  expectText({Value::Tuple{{std::int32_t{1}, false}}}, "tuple(int32(1), bool(false))");
  expectText({Value::Tuple{}, Value::Vector{}}, "tuple(), vector()");
}

TEST(ValueText, ShowsUtf8AsItIsAndOtherBytesEscaped) {
  expectText({Value::String{"\xc3\xa9\xe2\x82\xac"}}, "string(\"\xc3\xa9\xe2\x82\xac\")");
  expectText({Value::String{"\xff\n\x7f\xc2\x80"}}, "string(\"\\xff\\x0a\\x7f\\xc2\\x80\")");
}

TEST(ValueText, IgnoresBlanksBetweenTheParts) {
  EXPECT_EQ(toText(*parseValues("  tuple ( int32 ( 1 ) ,\n\tsimple_vector ( 1 : 00 ) )  ")),
            "tuple(int32(1), simple_vector(1: 00))");
  EXPECT_EQ(toText(*parseValue(" empty_vector ")), "empty_vector");
  EXPECT_EQ(toText(*parseValues("simple_vector(1:00),bool(true)")), "simple_vector(1: 00), bool(true)");
}

TEST(ValueText, OfOneValueIsOneValue) {
  EXPECT_EQ(*parseValue("int32(1)"), Value(std::int32_t{1}));
  EXPECT_EQ(toString(parseValue("int32(1), int32(2)").error()), "offset 8: found \",\"; expected the end");
  EXPECT_EQ(toString(parseValue("").error()),
            "offset 0: the text ends here; expected the type of a data point");
}

TEST(ValueText, ErrorsNameOffsetAndField) {
  expectNotText("int32(3000000000)",
                "offset 6: [0].int32: 3000000000 is not between -2147483648 and 2147483647");
  expectNotText("bool(true), tuple(int32(1), uint32(-1))",
                "offset 35: [1].tuple[1].uint32: -1 is not between 0 and 4294967295");
  expectNotText("int32(1.0)",
                "offset 6: [0].int32: 1.0 is not an integer between -2147483648 and 2147483647");
  expectNotText("int32()",
                "offset 6: [0].int32: found \")\"; expected an integer between -2147483648 and 2147483647");
  expectNotText(
      "int32(01)",
      "offset 6: [0].int32: 01 has leading zeros; expected an integer between -2147483648 and 2147483647");
  expectNotText("bool(1)", "offset 5: [0].bool: \"1\"; expected true or false");
  expectNotText("object(0g)",
                "offset 8: [0].object: \"g\" is no hexadecimal digit (expected pairs of 0-9, a-f, A-F)");
  expectNotText("simple_vector(8: 00)",
                "offset 13: [0].simple_vector: 1 bytes are no multiple of the element size 8");
  expectNotText("simple_vector(0: )",
                "offset 13: [0].simple_vector: an element size of 0; expected 1 to 255");
  expectNotText("simple_vector(256: )", "offset 14: [0].simple_vector: 256 is not between 0 and 255");
  expectNotText("simple_vector(1 00)", "offset 16: [0].simple_vector: found \"0\"; expected ':'");
}

TEST(ValueText, ErrorsOfSyntaxSayWhatWasExpected) {
  expectNotText("int32", "offset 5: [0].int32: the text ends here; expected '('");
  expectNotText("int32(1", "offset 7: [0].int32: the text ends here; expected ')'");
  expectNotText("int32(1) int32(2)", "offset 9: found \"i\"; expected ',' or the end");
  expectNotText("int32(1),", "offset 9: the text ends here; expected a value");
  expectNotText("tuple(int32(1)", "offset 14: [0].tuple: the text ends here; expected ',' or ')'");
  expectNotText("string(abc)", "offset 7: [0].string: found \"a\"; expected a string in quotes");
  expectNotText("string(\"abc", "offset 7: [0].string: this string does not end");
  expectNotText("string(\"\\n\")", "offset 8: [0].string: an unknown escape; expected \\\", \\\\ or \\xNN");
  expectNotText("string(\"\\x0\")", "offset 8: [0].string: an unknown escape; expected \\\", \\\\ or \\xNN");
  expectNotText("string(\"\\x", "offset 8: [0].string: an unknown escape; expected \\\", \\\\ or \\xNN");
  expectNotText("string(\"\n\")",
                "offset 8: [0].string: a control character, or not valid UTF-8; expected it as \\xNN");
  expectNotText("string(\"\xff\")",
                "offset 8: [0].string: a control character, or not valid UTF-8; expected it as \\xNN");
  expectNotText(
      "enum(1)",
      "offset 0: [0].enum: no type of a data point; expected int32, int64, uint32, uint64, bool, string, "
      "object, vector, simple_vector, empty_vector or tuple");
}

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t level = 0; level < depth; ++level) text += "tuple(";
  return text + std::string(depth, ')');
}

TEST(ValueText, LimitsTheNesting) {
  EXPECT_TRUE(parseValues(nested(64)));
  const auto refused = parseValues(nested(65));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("deeper than 64 (max_nesting)"), std::string::npos);
  EXPECT_FALSE(parseValues(nested(1000000)));
  // Side by side they are not nested.
  EXPECT_TRUE(parseValues("tuple(" + nested(63) + ", " + nested(63) + ")"));
}

TEST(ValueText, LimitsTheNumberOfDataPointsToWhatAMessageCanHold) {
  std::string text = "empty_vector";
  for (int count = 1; count < 65535; ++count) text += ",empty_vector";
  EXPECT_TRUE(parseValues(text));
  const auto refused = parseValues(text + ",empty_vector");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("65535"), std::string::npos);
}

}  // namespace
}  // namespace jitrig::testing
