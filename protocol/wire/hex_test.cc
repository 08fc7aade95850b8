#include "protocol/wire/hex.h"

#include <gtest/gtest.h>
#include <string>

#include "protocol/wire/wire_testing.h"

namespace jitrig::testing {
namespace {

void expectNotHex(std::string_view hex, std::size_t offset, const std::string& words) {
  const auto bytes = parseHex(hex);
  ASSERT_FALSE(bytes) << hex;
  EXPECT_EQ(bytes.error().offset, offset) << hex;
  EXPECT_NE(bytes.error().message.find(words), std::string::npos) << bytes.error().message;
}

TEST(Hex, IsLowerCaseTwoDigitsAByte) {
  EXPECT_EQ(toHex(Bytes{}), "");
  EXPECT_EQ(toHex(Bytes{std::byte{0}, std::byte{0x0f}, std::byte{0xa5}, std::byte{0xff}}), "000fa5ff");
}

TEST(Hex, IsAppendedBehindWhatIsThere) {
  std::string out = "x";
  appendHex(out, Bytes{std::byte{1}});
  EXPECT_EQ(out, "x01");
}

TEST(Hex, IsReadInBothCases) {
  EXPECT_EQ(parseHex("").value(), Bytes{});
  EXPECT_EQ(parseHex("aBCdEf").value(), (Bytes{std::byte{0xab}, std::byte{0xcd}, std::byte{0xef}}));
}

TEST(Hex, ReadsBackEveryByte) {
  Bytes all(256);
  for (std::size_t value = 0; value < 256; ++value) all[value] = static_cast<std::byte>(value);
  EXPECT_EQ(parseHex(toHex(all)).value(), all);
}

TEST(Hex, ErrorsNameTheCharacterAndItsOffset) {
  expectNotHex("0g", 1, "\"g\" is no hexadecimal digit");
  expectNotHex("00 11", 2, "\" \" is no hexadecimal digit");
  expectNotHex("0x11", 1, "\"x\" is no hexadecimal digit");
  expectNotHex("0011\n", 4, "\"\\x0a\" is no hexadecimal digit");
  expectNotHex("001", 3, "odd number");
}

TEST(Hex, RefusesEveryOtherCharacter) {
  for (int value = 0; value < 256; ++value) {
    const char character = static_cast<char>(value);
    const std::string digits = "0123456789abcdefABCDEF";
    const bool is_digit = digits.find(character) != std::string::npos;
    EXPECT_EQ(parseHex(std::string(2, character)).has_value(), is_digit) << value;
  }
}

}  // namespace
}  // namespace jitrig::testing
