#include "protocol/wire/hex.h"

#include <array>
#include <cstdint>

#include "protocol/wire/quoted_text.h"

namespace jitrig {
namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> makeDigitValues() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::uint8_t digit = 0; digit < 10; ++digit) values[static_cast<std::size_t>('0') + digit] = digit;
  for (std::uint8_t digit = 10; digit < 16; ++digit) {
    values[static_cast<std::size_t>('a') + digit - 10] = digit;
    values[static_cast<std::size_t>('A') + digit - 10] = digit;
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kDigitValues = makeDigitValues();

std::uint8_t digitValue(char character) {
  return kDigitValues[static_cast<std::uint8_t>(character)];
}

std::unexpected<TextError> wrongCharacter(std::string_view hex, std::size_t offset) {
  return std::unexpected(TextError{
      offset, "",
      inQuotes(hex.substr(offset, 1)) + " is no hexadecimal digit (expected pairs of 0-9, a-f, A-F)"});
}

}  // namespace

void appendHex(std::string& out, std::span<const std::byte> bytes) {
  const std::size_t start = out.size();
  out.resize(start + 2 * bytes.size());
  char* digit = out.data() + start;
  for (const std::byte byte : bytes) {
    *digit++ = kDigits[std::to_integer<std::size_t>(byte) >> 4U];
    *digit++ = kDigits[std::to_integer<std::size_t>(byte) & 15U];
  }
}

std::string toHex(std::span<const std::byte> bytes) {
  std::string out;
  appendHex(out, bytes);
  return out;
}

TextResult<std::vector<std::byte>> parseHex(std::string_view hex) {
  std::vector<std::byte> bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    const std::uint8_t high = digitValue(hex[at]);
    if (high == kNoDigit) return wrongCharacter(hex, at);
    if (at + 1 == hex.size()) {
      return std::unexpected(
          TextError{hex.size(), "", "an odd number of hexadecimal digits (expected two digits a byte)"});
    }
    const std::uint8_t low = digitValue(hex[at + 1]);
    if (low == kNoDigit) return wrongCharacter(hex, at + 1);
    bytes.push_back(static_cast<std::byte>(high << 4U | low));
  }
  return bytes;
}

}  // namespace jitrig
