#include "protocol/wire/utf8.h"

#include <gtest/gtest.h>
#include <string>

#include "protocol/wire/quoted_text.h"

namespace jitrig::testing {
namespace {

std::string encoded(char32_t code_point) {
  std::string text;
  appendUtf8(text, code_point);
  return text;
}

TEST(Utf8, HasTheLengthOfItsFirstCharacter) {
  EXPECT_EQ(utf8Length("az"), 1U);
  EXPECT_EQ(utf8Length("\xc3\xa9z"), 2U);
  EXPECT_EQ(utf8Length("\xe2\x82\xac"), 3U);
  EXPECT_EQ(utf8Length("\xf0\x9f\x98\x80"), 4U);
}

TEST(Utf8, KnowsEveryCodePointAndNoSurrogate) {
  for (char32_t code_point = 0; code_point <= 0x10ffff; ++code_point) {
    const std::string text = encoded(code_point);
    const bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    const bool is_control = code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
    ASSERT_EQ(utf8Length(text), is_surrogate ? 0 : text.size()) << static_cast<std::uint32_t>(code_point);
    ASSERT_EQ(printableUtf8Length(text), is_surrogate || is_control ? 0 : text.size())
        << static_cast<std::uint32_t>(code_point);
  }
}

TEST(Utf8, RefusesWhatIsNotWellFormed) {
  for (const char* text : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xc3z", "\xe2\x82",
                           "\xe2\x82z", "\xf0\x9f\x98", "\xf0\x9f\x98z"}) {
    EXPECT_EQ(utf8Length(text), 0U) << inQuotes(text);
    EXPECT_FALSE(isPrintableUtf8(text)) << inQuotes(text);
  }
}

TEST(Utf8, IsPrintableAsAWhole) {
  EXPECT_TRUE(isPrintableUtf8(""));
  EXPECT_TRUE(isPrintableUtf8("java/lang/String \xc3\xa9\xe2\x82\xac"));
  EXPECT_FALSE(isPrintableUtf8("a\nb"));
  EXPECT_FALSE(isPrintableUtf8(std::string_view("a\0b", 3)));
  EXPECT_FALSE(isPrintableUtf8("\x7f"));
  EXPECT_FALSE(isPrintableUtf8("\xc2\x80"));
  EXPECT_FALSE(isPrintableUtf8("\xc2\x9f"));
  EXPECT_TRUE(isPrintableUtf8("\xc2\xa0"));
  EXPECT_FALSE(isPrintableUtf8("abc\xc3"));
}

TEST(QuotedText, EscapesWhatATerminalMustNotSee) {
  EXPECT_EQ(inQuotes("abc"), "\"abc\"");
  EXPECT_EQ(inQuotes("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(inQuotes("\x1b[31m\xff"), "\"\\x1b[31m\\xff\"");
  EXPECT_EQ(inQuotes("\xc3\xa9\xc2\x85"), "\"\xc3\xa9\\xc2\\x85\"");
}

TEST(QuotedText, IsCutOffInErrors) {
  EXPECT_EQ(inQuotes("abcdef", 3), "\"abc\"...");
  EXPECT_EQ(inQuotes(std::string(1000000, 'x')).size(), 45U);
}

}  // namespace
}  // namespace jitrig::testing
