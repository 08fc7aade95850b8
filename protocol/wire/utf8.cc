#include "protocol/wire/utf8.h"

#include <cstdint>

namespace jitrig {
namespace {

std::uint8_t byteAt(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

bool isBetween(std::uint8_t byte, unsigned low, unsigned high) {
  return byte >= low && byte <= high;
}

bool isPrintableAscii(char character) {
  return character >= 0x20 && character < 0x7f;
}

/// What the second byte may be after this first one (Unicode, table 3-7): it is there that overlong forms,
/// surrogates and code points beyond U+10FFFF show.
bool isSecondByte(std::uint8_t first, std::uint8_t second) {
  switch (first) {
    case 0xe0: return isBetween(second, 0xa0, 0xbf);
    case 0xed: return isBetween(second, 0x80, 0x9f);
    case 0xf0: return isBetween(second, 0x90, 0xbf);
    case 0xf4: return isBetween(second, 0x80, 0x8f);
    default: return isBetween(second, 0x80, 0xbf);
  }
}

std::size_t announcedLength(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (isBetween(first, 0xc2, 0xdf)) return 2;
  if (isBetween(first, 0xe0, 0xef)) return 3;
  if (isBetween(first, 0xf0, 0xf4)) return 4;
  return 0;
}

}  // namespace

std::size_t utf8Length(std::string_view text) {
  const std::uint8_t first = byteAt(text, 0);
  const std::size_t length = announcedLength(first);
  if (length <= 1) return length;
  if (text.size() < length || !isSecondByte(first, byteAt(text, 1))) return 0;
  for (std::size_t index = 2; index < length; ++index) {
    if (!isBetween(byteAt(text, index), 0x80, 0xbf)) return 0;
  }
  return length;
}

std::size_t printableUtf8Length(std::string_view text) {
  const std::size_t length = utf8Length(text);
  if (length == 1) return isPrintableAscii(text[0]) ? 1 : 0;
  const bool is_c1_control = length == 2 && byteAt(text, 0) == 0xc2 && byteAt(text, 1) < 0xa0;
  return is_c1_control ? 0 : length;
}

bool isPrintableUtf8(std::string_view text) {
  while (!text.empty()) {
    if (isPrintableAscii(text[0])) {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t length = printableUtf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void appendUtf8(std::string& out, char32_t code_point) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((code_point >> shift) & 0x3fU));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xc0U | (code_point >> 6U));
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xe0U | (code_point >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | (code_point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace jitrig
