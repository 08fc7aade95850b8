#include "scenarios/simulate/seed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jitrig::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(SeedTest, DigitsAreANumber) {
  EXPECT_EQ(parseSeed("0"), 0U);
  EXPECT_EQ(parseSeed("42"), 42U);
  EXPECT_EQ(parseSeed("0000000000000000000000000000042"), 42U);
  EXPECT_EQ(parseSeed("18446744073709551615"), ~std::uint64_t{0});
}

TEST(SeedTest, ACommitCountsByItsFirst64Bits) {
  EXPECT_EQ(parseSeed("369a7b9000000001ffffffffffffffffffffffff"), 0x369a7b9000000001U);
  EXPECT_EQ(parseSeed("369A7B9000000001FFFFFFFFFFFFFFFFFFFFFFFF"), 0x369a7b9000000001U);
  EXPECT_EQ(parseSeed("1234567890123456789012345678901234567890"), 0x1234567890123456U);
}

TEST(SeedTest, OtherTextsAreRefusedInWords) {
  for (const char* text :
       {"", " ", "-1", "+1", "1 ", "0x10", "369a7b9", "18446744073709551616", "1.5",
        "369a7b9000000001fffffffffffffffffffffff", "369a7b9000000001ffffffffffffffffffffffffg",
        "369a7b9000000001fffffffffffffffffffffffg"}) {
    const auto seed = parseSeed(text);
    ASSERT_FALSE(seed) << text;
    EXPECT_THAT(seed.error(),
                AllOf(HasSubstr(text), HasSubstr("expected a decimal number"), HasSubstr("40")));
  }
}

}  // namespace
}  // namespace jitrig::test
