#include "protocol/catalogue/wire_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jitrig {
namespace {

using ::testing::HasSubstr;
using Kind = WireType::Kind;

TEST(WireTypeTest, TextFormIsTheInverseOfParse) {
  for (const char* text : {"int32", "int64", "uint32", "uint64", "bool", "string", "object(1)",
                           "object(4294967295)", "vector<int32>", "tuple<string>", "vector<vector<string>>",
                           "vector<tuple<object(96), vector<object(24)>, vector<object(96)>>>"}) {
    const auto type = WireType::parse(text);
    ASSERT_TRUE(type) << text << ": " << type.error();
    EXPECT_EQ(toString(*type), text);
  }
}

TEST(WireTypeTest, ParsesIntoKindsSizesAndElements) {
  const auto type = WireType::parse(" tuple< object(96) ,vector<bool>> ");
  ASSERT_TRUE(type) << type.error();
  EXPECT_EQ(*type,
            WireType::tupleOf({WireType::object(96), WireType::vectorOf(WireType::scalar(Kind::boolean))}));
}

TEST(WireTypeTest, ListsAreWrittenInParentheses) {
  EXPECT_EQ(toString(std::vector<WireType>{}), "()");
  EXPECT_EQ(toString(std::vector{WireType::scalar(Kind::string), WireType::object(8)}),
            "(string, object(8))");
}

struct BadText {
  std::string text;
  const char* error;
};

class WireTypeErrorTest : public ::testing::TestWithParam<BadText> {};

TEST_P(WireTypeErrorTest, SaysWhatIsWrong) {
  const auto type = WireType::parse(GetParam().text);
  ASSERT_FALSE(type);
  EXPECT_THAT(type.error(), HasSubstr(GetParam().error));
}

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += "vector<";
  return text + "bool" + std::string(depth, '>');
}

INSTANTIATE_TEST_SUITE_P(All, WireTypeErrorTest,
                         ::testing::Values(BadText{"", "at offset 0: a type is missing"},
                                           BadText{"int16", "'int16' is no wire type"},
                                           BadText{"object(0)", "'object(0)' is no wire type"},
                                           BadText{"object(4294967296)", "is no wire type"},
                                           BadText{"object(-1)", "is no wire type"},
                                           BadText{"object(8", "is no wire type"},
                                           BadText{"object()", "is no wire type"},
                                           BadText{"vector", "'vector' is no wire type"},
                                           BadText{"vector<>", "at offset 7: a type is missing"},
                                           BadText{"vector<int32", "at offset 12: expected , or >"},
                                           BadText{"vector<int32,bool>", "one element type, not 2"},
                                           BadText{"tuple<int32,>", "at offset 12: a type is missing"},
                                           BadText{"int32>", "at offset 5: expected the end, found '>'"},
                                           BadText{"list<int32>", "'list<...>' is no wire type"},
                                           BadText{nested(40), "nested deeper than 32"},
                                           BadText{nested(100000), "nested deeper than 32"}));

TEST(WireTypeTest, DeepestAllowedNestingIsAccepted) {
  EXPECT_TRUE(WireType::parse(nested(32)));
}

TEST(WireTypeTest, SimpleVectorsHoldScalarsAndObjectsUpTo255Bytes) {
  EXPECT_EQ(simpleVectorElementSize(WireType::scalar(Kind::int32)), 4U);
  EXPECT_EQ(simpleVectorElementSize(WireType::scalar(Kind::uint64)), 8U);
  EXPECT_EQ(simpleVectorElementSize(WireType::object(255)), 255U);
  EXPECT_EQ(simpleVectorElementSize(WireType::object(256)), 0U);
  EXPECT_EQ(simpleVectorElementSize(WireType::scalar(Kind::string)), 0U);
  EXPECT_EQ(simpleVectorElementSize(WireType::scalar(Kind::boolean)), 0U);
  EXPECT_EQ(simpleVectorElementSize(WireType::vectorOf(WireType::object(8))), 0U);
}

}  // namespace
}  // namespace jitrig
