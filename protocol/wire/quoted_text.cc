#include "protocol/wire/quoted_text.h"

#include <span>

#include "protocol/wire/hex.h"
#include "protocol/wire/utf8.h"

namespace jitrig {
namespace {

bool isPlain(char character) {
  return character >= 0x20 && character < 0x7f && character != '"' && character != '\\';
}

/// How many bytes at the start of `bytes` need no escape and are ASCII.
std::size_t plainPrefix(std::string_view bytes) {
  std::size_t length = 0;
  while (length < bytes.size() && isPlain(bytes[length])) ++length;
  return length;
}

}  // namespace

void appendQuoted(std::string& out, std::string_view bytes) {
  out += '"';
  while (true) {
    const std::size_t plain = plainPrefix(bytes);
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    std::size_t length = 1;
    if (bytes[0] == '"' || bytes[0] == '\\') {
      out += '\\';
      out += bytes[0];
    } else if (const std::size_t printable = printableUtf8Length(bytes); printable != 0) {
      length = printable;
      out += bytes.substr(0, length);
    } else {
      out += "\\x";
      appendHex(out, std::as_bytes(std::span(bytes).first(1)));
    }
    bytes.remove_prefix(length);
  }
  out += '"';
}

std::string inQuotes(std::string_view bytes, std::size_t max_bytes) {
  std::string out;
  appendQuoted(out, bytes.substr(0, max_bytes));
  if (bytes.size() > max_bytes) out += "...";
  return out;
}

}  // namespace jitrig
