#include "protocol/wire/json_reader.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "protocol/wire/wire_testing.h"

namespace jitrig::testing {
namespace {

std::string jsonErrorOf(std::string_view text) {
  JsonReader json(text);
  json.skipValue();
  json.expectEnd();
  return json.failed() ? toString(json.error()) : "accepted";
}

TEST(JsonReader, ReadsMembersInOrderAndKnowsWhereTheyAre) {
  JsonReader json(R"( {"type": "VM_isClassArray", "number":67 ,"flags":[true,false,null],"rest":{"a":[]}} )");
  std::string_view key;
  std::string text;
  std::string_view number;
  bool flag = false;
  ASSERT_TRUE(json.enterObject());
  ASSERT_TRUE(json.nextKey(key));
  EXPECT_EQ(key, "type");
  EXPECT_EQ(json.keyOffset(), 2U);
  EXPECT_EQ(json.offset(), 10U);
  ASSERT_TRUE(json.readString(text));
  EXPECT_EQ(text, "VM_isClassArray");
  ASSERT_TRUE(json.nextKey(key));
  ASSERT_TRUE(json.readNumber(number));
  EXPECT_EQ(number, "67");
  ASSERT_TRUE(json.nextKey(key));
  ASSERT_TRUE(json.enterArray());
  ASSERT_TRUE(json.nextElement());
  ASSERT_TRUE(json.readBool(flag));
  EXPECT_TRUE(flag);
  ASSERT_TRUE(json.nextElement());
  ASSERT_TRUE(json.readBool(flag));
  EXPECT_FALSE(flag);
  ASSERT_TRUE(json.nextElement());
  EXPECT_EQ(json.peek(), JsonReader::Kind::null);
  ASSERT_TRUE(json.skipValue());
  EXPECT_FALSE(json.nextElement());
  ASSERT_TRUE(json.nextKey(key));
  EXPECT_EQ(key, "rest");
  ASSERT_TRUE(json.skipValue());
  EXPECT_FALSE(json.nextKey(key));
  EXPECT_TRUE(json.expectEnd());
  EXPECT_FALSE(json.failed());
}

TEST(JsonReader, KeepsItsFirstError) {
  JsonReader json("{\"a\":5}", "line");
  std::string_view key;
  std::string text;
  ASSERT_TRUE(json.enterObject());
  ASSERT_TRUE(json.nextKey(key));
  EXPECT_FALSE(json.readString(text));
  EXPECT_FALSE(json.fail(99, "another"));
  EXPECT_FALSE(json.skipValue());
  EXPECT_FALSE(json.nextKey(key));
  EXPECT_FALSE(json.expectEnd());
  EXPECT_EQ(toString(json.error()), "offset 5: line.a: found a number; expected a string");
}

TEST(JsonReader, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(jsonErrorOf(""), "offset 0: the text ends here; expected a value");
  EXPECT_EQ(jsonErrorOf("  "), "offset 2: the text ends here; expected a value");
  EXPECT_EQ(jsonErrorOf("[1 2]"), "offset 3: \"2\"; expected ',' or ']'");
  EXPECT_EQ(jsonErrorOf("[1"), "offset 2: the text ends here; expected ',' or ']'");
  EXPECT_EQ(jsonErrorOf("[1,]"), "offset 3: [1]: expected a value");
  EXPECT_EQ(jsonErrorOf("{a:1}"), "offset 1: expected a key in quotes");
  EXPECT_EQ(jsonErrorOf("{\"a\" 1}"), "offset 5: expected ':' behind the key \"a\"");
  EXPECT_EQ(jsonErrorOf("{\"a\":1,}"), "offset 7: expected a key in quotes");
  EXPECT_EQ(jsonErrorOf("[nul]"), "offset 1: [0]: \"nul\" is no value; expected null");
  EXPECT_EQ(jsonErrorOf("[tru]"), "offset 1: [0]: \"tru\" is no value; expected true");
  EXPECT_EQ(jsonErrorOf("1 2"), "offset 2: \"2\" behind the end");
  EXPECT_EQ(jsonErrorOf("\"abc"), "offset 0: this string does not end");
  EXPECT_EQ(jsonErrorOf("\"a\nb\""), "offset 2: a control character in a string must be escaped");
  EXPECT_EQ(jsonErrorOf("\"\xff\""), "offset 1: this is not valid UTF-8");
  EXPECT_EQ(jsonErrorOf("\"\\x\""), "offset 1: this escape is not one of JSON's");
  EXPECT_EQ(jsonErrorOf("\"\\"), "offset 1: this escape is not one of JSON's");
  EXPECT_EQ(jsonErrorOf("\"\\u12g4\""), "offset 1: expected four hexadecimal digits behind \\u");
  EXPECT_EQ(jsonErrorOf("\"\\ud800\""), "offset 1: half of a surrogate pair");
  EXPECT_EQ(jsonErrorOf("\"\\udc00\""), "offset 1: half of a surrogate pair");
  EXPECT_EQ(jsonErrorOf("\"\\ud800\\u0041\""), "offset 1: half of a surrogate pair");
  EXPECT_EQ(jsonErrorOf("01"), "offset 0: \"01\" is not a number");
  EXPECT_EQ(jsonErrorOf("-"), "offset 0: \"-\" is not a number");
  EXPECT_EQ(jsonErrorOf("1."), "offset 0: \"1.\" is not a number");
  EXPECT_EQ(jsonErrorOf("1e"), "offset 0: \"1e\" is not a number");
}

TEST(JsonReader, BoundsItsDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(jsonErrorOf(nested(JsonReader::kMaxDepth)), "accepted");
  EXPECT_NE(jsonErrorOf(nested(JsonReader::kMaxDepth + 1)).find("nest deeper than 144"), std::string::npos);
  EXPECT_NE(jsonErrorOf(std::string(1000000, '[')).find("nest deeper than 144"), std::string::npos);
}

TEST(JsonReader, QuotesHostileKeysInPaths) {
  JsonReader json("{\"a\\u001b[31m b\":x}");
  std::string_view key;
  json.enterObject();
  json.nextKey(key);
  json.skipValue();
  EXPECT_EQ(json.error().field, "\"a\\x1b[31m b\"");
}

/// Another reader's opinion: what one accepts the other does, on mutations of a text that has everything in
/// it.
TEST(JsonReader, AcceptsWhatAnotherReaderAccepts) {
  const std::string original =
      R"({"a":[1,-2.5e+3,true,false,null,"x\n\u00e9\ud83d\ude00"],"b":{"c":{}, "d" : [] },"e":0})";
  constexpr std::string_view kInteresting = "{}[],:\"\\ 0129-+.eEutfn/\x01\x80\xc3";
  SplitMix random(42);
  std::size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = original;
    for (std::size_t change = random.below(3); change > 0; --change) {
      text[random.below(text.size())] = kInteresting[random.below(kInteresting.size())];
    }
    const bool other = nlohmann::json::accept(text);
    ASSERT_EQ(jsonErrorOf(text) == "accepted", other) << text << ": " << jsonErrorOf(text);
    accepted += other ? 1 : 0;
  }
  EXPECT_GT(accepted, 1000U);
  EXPECT_LT(accepted, 19000U);
}

}  // namespace
}  // namespace jitrig::testing
