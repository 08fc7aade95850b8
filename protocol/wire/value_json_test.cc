#include "protocol/wire/value_json.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "protocol/wire/json_reader.h"
#include "protocol/wire/value_text.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig::testing {
namespace {

void expectJson(const Value& value, const std::string& json) {
  EXPECT_EQ(toJson(value), json);
  const auto back = parseValuesJson("[" + json + "]");
  ASSERT_TRUE(back) << toString(back.error());
  EXPECT_EQ(*back, std::vector{value});
}

void expectReadAs(const std::string& json, const std::string& text) {
  const auto values = parseValuesJson(json);
  ASSERT_TRUE(values) << toString(values.error());
  EXPECT_EQ(toText(*values), text);
}

void expectNotJson(const std::string& json, const std::string& error) {
  const auto values = parseValuesJson(json);
  ASSERT_FALSE(values) << json << " was read as " << toText(*values);
  EXPECT_EQ(toString(values.error()), error) << json;
}

constexpr const char* kKeys =
    "int32, int64, uint32, uint64, bool, string, object, vector, simple_vector, empty_vector or tuple";

TEST(ValueJson, ShowsEachType) {
  expectJson(std::int32_t{-2}, R"({"int32":-2})");
  expectJson(std::int64_t{7}, R"({"int64":7})");
  expectJson(std::uint32_t{7}, R"({"uint32":7})");
  expectJson(~std::uint64_t{0}, R"({"uint64":18446744073709551615})");
  expectJson(true, R"({"bool":true})");
  expectJson(false, R"({"bool":false})");
  expectJson(Value::String{"abc"}, R"({"string":"abc"})");
  expectJson(Value::Object{fromHex("0a0b")}, R"({"object":"0a0b"})");
  expectJson(Value::SimpleVector{8, fromHex("0102030405060708")},
             R"({"simple_vector":{"element_size":8,"hex":"0102030405060708"}})");
  expectJson(Value::EmptyVector{}, R"({"empty_vector":true})");
  expectJson(Value::Vector{{Value::String{"a"}, Value::String{"b"}}},
             R"({"vector":[{"string":"a"},{"string":"b"}]})");
  expectJson(Value::Tuple{{std::int32_t{1}, Value::Tuple{}}}, R"({"tuple":[{"int32":1},{"tuple":[]}]})");
}

TEST(ValueJson, ShowsStringsAsTextOnlyIfTheyAreText) {
  expectJson(Value::String{""}, R"({"string":""})");
  expectJson(Value::String{"a\"b\\c/"}, R"({"string":"a\"b\\c/"})");
  expectJson(Value::String{"\xc3\xa9"}, "{\"string\":\"\xc3\xa9\"}");
  expectJson(Value::String{std::string("\0\xff", 2)}, R"({"string":{"hex":"00ff"}})");
  expectJson(Value::String{"a\n"}, R"({"string":{"hex":"610a"}})");
  expectJson(Value::String{"\x7f"}, R"({"string":{"hex":"7f"}})");
  expectJson(Value::String{"\xc2\x85"}, R"({"string":{"hex":"c285"}})");
}

TEST(ValueJson, IsReadWithBlanksAndEscapes) {
  expectReadAs(" [ { \"int32\" : 1 } , { \"bool\" : true } ]\n", "int32(1), bool(true)");
  expectReadAs(R"([{"string":"\u0041\n\u00e9\ud83d\ude00\/"}])",
               "string(\"A\\x0a\xc3\xa9\xf0\x9f\x98\x80/\")");
  expectReadAs(R"([{"\u0069nt32":1}])", "int32(1)");
  expectReadAs(R"([{"simple_vector":{"hex":"0A","element_size":1}}])", "simple_vector(1: 0a)");
  expectReadAs(R"([{"simple_vector":{"element_size":9,"hex":""}}])", "simple_vector(9: )");
  expectReadAs(R"([{"int32":-0},{"int32":-2147483648},{"int64":9223372036854775807}])",
               "int32(0), int32(-2147483648), int64(9223372036854775807)");
  expectReadAs("[]", "");
}

TEST(ValueJson, TakesOnlyIntegersInRange) {
  const std::string range = " between -2147483648 and 2147483647";
  expectNotJson(R"([{"int32":3000000000}])", "offset 10: data[0].int32: 3000000000 is not" + range);
  expectNotJson(R"([{"int32":1.0}])", "offset 10: data[0].int32: 1.0 is not an integer" + range);
  expectNotJson(R"([{"int32":1e3}])", "offset 10: data[0].int32: 1e3 is not an integer" + range);
  expectNotJson(R"([{"int32":"1"}])", "offset 10: data[0].int32: expected an integer" + range);
  expectNotJson(R"([{"int32":null}])", "offset 10: data[0].int32: expected an integer" + range);
  expectNotJson(R"([{"uint32":-1}])", "offset 11: data[0].uint32: -1 is not between 0 and 4294967295");
  expectNotJson(R"([{"uint32":4294967296}])",
                "offset 11: data[0].uint32: 4294967296 is not between 0 and 4294967295");
  expectNotJson(R"([{"int64":9223372036854775808}])",
                "offset 10: data[0].int64: 9223372036854775808 is not between -9223372036854775808 and "
                "9223372036854775807");
  expectNotJson(R"([{"int64":-9223372036854775809}])",
                "offset 10: data[0].int64: -9223372036854775809 is not between -9223372036854775808 and "
                "9223372036854775807");
  expectNotJson(R"([{"uint64":18446744073709551616}])",
                "offset 11: data[0].uint64: 18446744073709551616 is not between 0 and 18446744073709551615");
}

TEST(ValueJson, TakesExactlyOneKeyPerDataPoint) {
  expectNotJson("[{}]", std::string("offset 1: data[0]: an empty object; expected one key: ") + kKeys);
  expectNotJson(R"([{"int32":1,"bool":true}])",
                "offset 12: data[0].bool: a second key; a data point has exactly one");
  expectNotJson(R"([{"int32":1,"int32":1}])",
                "offset 12: data[0].int32: a second key; a data point has exactly one");
  expectNotJson(R"([{"enum":1}])",
                std::string("offset 2: data[0].enum: no type of a data point; expected ") + kKeys);
  expectNotJson(R"([{"Int32":1}])",
                std::string("offset 2: data[0].Int32: no type of a data point; expected ") + kKeys);
}

TEST(ValueJson, ErrorsNameTheFieldHoweverDeep) {
  expectNotJson(R"([{"bool":true},{"bool":true},{"tuple":[{"int32":"x"}]}])",
                "offset 48: data[2].tuple[0].int32: expected an integer between -2147483648 and 2147483647");
  expectNotJson(
      R"([{"vector":[{"string":"a"},{"string":{"hex":"0"}}]}])",
      "offset 46: data[0].vector[1].string.hex: an odd number of hexadecimal digits (expected two digits a "
      "byte)");
}

TEST(ValueJson, ErrorsOfValuesSayWhatWasExpected) {
  expectNotJson(R"([{"bool":1}])", "offset 9: data[0].bool: found a number; expected true or false");
  expectNotJson(R"([{"string":5}])",
                "offset 11: data[0].string: expected a string, or an object with the one key hex");
  expectNotJson(R"([{"string":{}}])",
                "offset 11: data[0].string: expected a string, or an object with the one key hex");
  expectNotJson(R"([{"string":{"text":"a"}}])",
                "offset 12: data[0].string.text: expected a string, or an object with the one key hex");
  expectNotJson(R"([{"string":{"hex":"","hex":""}}])",
                "offset 21: data[0].string.hex: expected a string, or an object with the one key hex");
  expectNotJson(R"([{"object":"0g"}])",
                "offset 13: data[0].object: \"g\" is no hexadecimal digit (expected pairs of 0-9, a-f, A-F)");
  expectNotJson(R"([{"object":[]}])", "offset 11: data[0].object: found an array; expected a string");
  expectNotJson(R"([{"empty_vector":false}])", "offset 17: data[0].empty_vector: expected true");
  expectNotJson(R"([{"tuple":{}}])", "offset 10: data[0].tuple: found an object; expected an array");
  expectNotJson(R"([5])", "offset 1: data[0]: found a number; expected an object");
  expectNotJson(R"({"int32":1})", "offset 0: data: found an object; expected an array");
}

TEST(ValueJson, ErrorsOfSimpleVectors) {
  expectNotJson(R"([{"simple_vector":{"element_size":0,"hex":""}}])",
                "offset 18: data[0].simple_vector: an element size of 0; expected 1 to 255");
  expectNotJson(R"([{"simple_vector":{"element_size":256,"hex":""}}])",
                "offset 34: data[0].simple_vector.element_size: 256 is not between 0 and 255");
  expectNotJson(R"([{"simple_vector":{"element_size":2,"hex":"000000"}}])",
                "offset 18: data[0].simple_vector: 3 bytes are no multiple of the element size 2");
  expectNotJson(R"([{"simple_vector":{"element_size":2}}])",
                "offset 18: data[0].simple_vector: expected the keys element_size and hex");
  expectNotJson(R"([{"simple_vector":{"hex":""}}])",
                "offset 18: data[0].simple_vector: expected the keys element_size and hex");
  expectNotJson(R"([{"simple_vector":{"hex":"","hex":""}}])",
                "offset 28: data[0].simple_vector.hex: expected the keys element_size and hex, once each");
  expectNotJson(R"([{"simple_vector":{"size":1}}])",
                "offset 19: data[0].simple_vector.size: expected the keys element_size and hex, once each");
}

TEST(ValueJson, LimitsTheNestingAsOnTheWire) {
  const auto nested = [](std::size_t depth) {
    std::string json = "[";
    for (std::size_t level = 0; level < depth; ++level) json += "{\"vector\":[";
    json += R"({"string":{"hex":"00"}})";
    for (std::size_t level = 0; level < depth; ++level) json += "]}";
    return json + "]";
  };
  EXPECT_TRUE(parseValuesJson(nested(64)));
  const auto refused = parseValuesJson(nested(65));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("deeper than 64 (max_nesting)"), std::string::npos);
  EXPECT_FALSE(parseValuesJson(nested(100000)));
  EXPECT_FALSE(parseValuesJson(std::string(1000000, '[')));
}

TEST(ValueJson, LimitsTheNumberOfDataPointsToWhatAMessageCanHold) {
  std::string json = "[{\"bool\":true}";
  for (int count = 1; count < 65535; ++count) json += ",{\"bool\":true}";
  EXPECT_TRUE(parseValuesJson(json + "]"));
  const auto refused = parseValuesJson(json + ",{\"bool\":true}]");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("65535"), std::string::npos);
}

TEST(ValueJson, LimitsTheSizeToWhatAMessageMayHave) {
  const std::size_t fits = (std::size_t{64} << 20U) - Message::kHeaderSize - sizeof(DataDescriptor);
  EXPECT_TRUE(parseValuesJson(R"([{"object":")" + std::string(2 * fits, '0') + R"("}])"));
  const auto refused = parseValuesJson(R"([{"object":")" + std::string(2 * fits + 2, '0') + R"("}])");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("67108864 bytes"), std::string::npos) << refused.error().message;
}

TEST(ValueJson, CanBeReadInsideALargerText) {
  JsonReader json(R"({"data":[{"int32":1}],"more":{"data":[{"int32":x}]}})");
  std::string_view key;
  std::vector<Value> values;
  ASSERT_TRUE(json.enterObject());
  ASSERT_TRUE(json.nextKey(key));
  ASSERT_TRUE(readValuesJson(json, values));
  EXPECT_EQ(toText(values), "int32(1)");
  ASSERT_TRUE(json.nextKey(key));
  ASSERT_TRUE(json.enterObject());
  ASSERT_TRUE(json.nextKey(key));
  EXPECT_FALSE(readValuesJson(json, values));
  EXPECT_EQ(json.error().field, "more.data[0].int32");
  EXPECT_EQ(json.error().offset, 47U);
}

TEST(ValueJson, NamesTheArrayAsItsCallerDoes) {
  EXPECT_EQ(parseValuesJson("[{}]", "replies").error().field, "replies[0]");
}

TEST(JsonString, EscapesQuotesBackslashesAndControlCharacters) {
  const auto escaped = [](std::string_view text) {
    std::string out;
    appendJsonString(out, text);
    return out;
  };
  EXPECT_EQ(escaped("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(escaped(std::string_view("\0\n\x1f\x7f", 4)), R"("\u0000\u000a\u001f\u007f")");
  EXPECT_EQ(escaped("\xc3\xa9"), "\"\xc3\xa9\"");
  EXPECT_EQ(escaped("a\xff"
                    "b"),
            R"("a\ufffdb")");
}

}  // namespace
}  // namespace jitrig::testing
