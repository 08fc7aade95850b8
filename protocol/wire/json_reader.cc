#include "protocol/wire/json_reader.h"

#include <utility>

#include "protocol/wire/quoted_text.h"
#include "protocol/wire/utf8.h"

namespace jitrig {
namespace {

bool isDigit(char character) {
  return character >= '0' && character <= '9';
}

std::string describe(JsonReader::Kind kind) {
  switch (kind) {
    case JsonReader::Kind::object: return "an object";
    case JsonReader::Kind::array: return "an array";
    case JsonReader::Kind::string: return "a string";
    case JsonReader::Kind::number: return "a number";
    case JsonReader::Kind::boolean: return "true or false";
    case JsonReader::Kind::null: return "null";
    case JsonReader::Kind::nothing: break;
  }
  return "no value";
}

/// The end of the digits that begin at `position`.
std::size_t skipDigits(std::string_view text, std::size_t position) {
  while (position < text.size() && isDigit(text[position])) ++position;
  return position;
}

/// The length of the number that begins `text` (RFC 8259, section 6); 0 if none does.
std::size_t numberLength(std::string_view text) {
  const auto at = [&](std::size_t position) { return position < text.size() ? text[position] : '\0'; };
  std::size_t end = at(0) == '-' ? 1 : 0;
  if (!isDigit(at(end))) return 0;
  end = at(end) == '0' ? end + 1 : skipDigits(text, end);
  if (at(end) == '.') {
    if (!isDigit(at(end + 1))) return 0;
    end = skipDigits(text, end + 1);
  }
  if (at(end) == 'e' || at(end) == 'E') {
    ++end;
    if (at(end) == '+' || at(end) == '-') ++end;
    if (!isDigit(at(end))) return 0;
    end = skipDigits(text, end);
  }
  return end;
}

/// Anything that somebody may have meant as part of a number or word.
std::string_view wordPrefix(std::string_view text) {
  const std::size_t end = text.find_first_of(" \t\r\n,:[]{}\"");
  return text.substr(0, end);
}

}  // namespace

bool JsonReader::fail(std::size_t offset, std::string message) {
  if (!failed_) error_ = {offset, path_.toString(), std::move(message)};
  failed_ = true;
  return false;
}

void JsonReader::skipBlanks() {
  const std::size_t next = json_.find_first_not_of(" \t\r\n", position_);
  position_ = next == std::string_view::npos ? json_.size() : next;
}

std::size_t JsonReader::offset() {
  skipBlanks();
  return position_;
}

JsonReader::Kind JsonReader::peek() {
  skipBlanks();
  switch (current()) {
    case '{': return Kind::object;
    case '[': return Kind::array;
    case '"': return Kind::string;
    case 't':
    case 'f': return Kind::boolean;
    case 'n': return Kind::null;
    default: return current() == '-' || isDigit(current()) ? Kind::number : Kind::nothing;
  }
}

bool JsonReader::expectKind(Kind expected) {
  if (failed_) return false;
  const Kind found = peek();
  if (found == expected) return true;
  if (position_ == json_.size()) return fail(position_, "the text ends here; expected " + describe(expected));
  if (found == Kind::nothing) {
    return fail(position_,
                inQuotes(json_.substr(position_, 1)) + " begins no value; expected " + describe(expected));
  }
  return fail(position_, "found " + describe(found) + "; expected " + describe(expected));
}

bool JsonReader::enter(bool is_array) {
  if (open_.size() >= kMaxDepth) {
    return fail(position_, "arrays and objects nest deeper than " + std::to_string(kMaxDepth));
  }
  ++position_;
  open_.push_back({is_array, 0, false});
  return true;
}

bool JsonReader::enterObject() {
  return expectKind(Kind::object) && enter(false);
}
bool JsonReader::enterArray() {
  return expectKind(Kind::array) && enter(true);
}

/// Behind a member or element, or behind the opening bracket: true if another one follows.
bool JsonReader::next(char closing_bracket) {
  if (failed_) return false;
  Container& container = open_.back();
  skipBlanks();
  if (std::exchange(container.is_inside, false)) path_.leave();
  const bool is_first = container.next_index == 0;
  if (current() == closing_bracket) {
    ++position_;
    open_.pop_back();
    return false;
  }
  if (is_first) return true;
  if (current() == ',') {
    ++position_;
    return true;
  }
  const std::string found =
      position_ == json_.size() ? "the text ends here" : inQuotes(json_.substr(position_, 1));
  return fail(position_, found + "; expected ',' or '" + closing_bracket + "'");
}

bool JsonReader::nextKey(std::string_view& key) {
  if (!next('}')) return false;
  key_offset_ = offset();
  if (peek() != Kind::string) return fail(position_, "expected a key in quotes");
  if (!readString(key_)) return false;
  skipBlanks();
  if (current() != ':') return fail(position_, "expected ':' behind the key " + inQuotes(key_));
  ++position_;
  path_.enterKey(key_);
  open_.back().is_inside = true;
  ++open_.back().next_index;
  key = key_;
  return true;
}

bool JsonReader::nextElement() {
  if (!next(']')) return false;
  path_.enterIndex(open_.back().next_index++);
  open_.back().is_inside = true;
  return true;
}

bool JsonReader::readWord(std::string_view word) {
  const std::string_view found = wordPrefix(json_.substr(position_));
  if (found != word) return fail(position_, inQuotes(found) + " is no value; expected " + std::string(word));
  position_ += word.size();
  return true;
}

bool JsonReader::readBool(bool& value) {
  if (!expectKind(Kind::boolean)) return false;
  value = current() == 't';
  return readWord(value ? "true" : "false");
}

bool JsonReader::readNumber(std::string_view& number) {
  if (!expectKind(Kind::number)) return false;
  const std::string_view rest = json_.substr(position_);
  const std::size_t length = numberLength(rest);
  const std::string_view found = wordPrefix(rest);
  if (length == 0 || length != found.size()) return fail(position_, inQuotes(found) + " is not a number");
  number = found;
  position_ += length;
  return true;
}

bool JsonReader::readString(std::string& text) {
  if (!expectKind(Kind::string)) return false;
  const std::size_t start = position_++;
  text.clear();
  while (true) {
    std::size_t plain = position_;
    while (plain < json_.size() && json_[plain] >= 0x20 && json_[plain] < 0x7f && json_[plain] != '"' &&
           json_[plain] != '\\') {
      ++plain;
    }
    text += json_.substr(position_, plain - position_);
    position_ = plain;
    if (position_ == json_.size()) return fail(start, "this string does not end");
    if (current() == '"') break;
    if (current() == '\\') {
      if (!readEscape(text)) return false;
      continue;
    }
    if (static_cast<unsigned char>(current()) < 0x20) {
      return fail(position_, "a control character in a string must be escaped");
    }
    const std::size_t length = utf8Length(json_.substr(position_));
    if (length == 0) return fail(position_, "this is not valid UTF-8");
    text += json_.substr(position_, length);
    position_ += length;
  }
  ++position_;
  return true;
}

bool JsonReader::readEscape(std::string& text) {
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const std::size_t start = position_++;
  if (current() == 'u') return readUnicodeEscape(text);
  const std::size_t index = position_ < json_.size() ? kEscapes.find(current()) : std::string_view::npos;
  if (index == std::string_view::npos) return fail(start, "this escape is not one of JSON's");
  text += kMeanings[index];
  ++position_;
  return true;
}

bool JsonReader::readUnicodeEscape(std::string& text) {
  const std::size_t start = position_ - 1;
  std::uint32_t code_point = 0;
  if (!readFourDigits(code_point)) return false;
  if (code_point >= 0xd800 && code_point < 0xe000) {
    std::uint32_t low = 0;
    const bool is_pair = code_point < 0xdc00 && json_.substr(position_, 2) == "\\u";
    if (is_pair) {
      ++position_;
      if (!readFourDigits(low)) return false;
    }
    if (low < 0xdc00 || low >= 0xe000) return fail(start, "half of a surrogate pair");
    code_point = 0x10000 + ((code_point - 0xd800) << 10U) + (low - 0xdc00);
  }
  appendUtf8(text, static_cast<char32_t>(code_point));
  return true;
}

/// Reads the "uNNNN" that begins here.
bool JsonReader::readFourDigits(std::uint32_t& value) {
  constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
  const std::size_t start = position_ - 1;
  ++position_;
  value = 0;
  for (int digit = 0; digit < 4; ++digit, ++position_) {
    const std::size_t index = position_ < json_.size() ? kHexDigits.find(current()) : std::string_view::npos;
    if (index == std::string_view::npos) return fail(start, "expected four hexadecimal digits behind \\u");
    value = value * 16 + static_cast<std::uint32_t>(index < 16 ? index : index - 6);
  }
  return true;
}

bool JsonReader::skipValue() {
  std::string_view ignored;
  switch (peek()) {
    case Kind::object:
      if (!enterObject()) return false;
      while (nextKey(ignored)) {
        if (!skipValue()) return false;
      }
      return !failed_;
    case Kind::array:
      if (!enterArray()) return false;
      while (nextElement()) {
        if (!skipValue()) return false;
      }
      return !failed_;
    case Kind::string: {
      std::string text;
      return readString(text);
    }
    case Kind::number: return readNumber(ignored);
    case Kind::boolean: {
      bool value = false;
      return readBool(value);
    }
    case Kind::null: return !failed_ && readWord("null");
    case Kind::nothing: break;
  }
  return fail(position_,
              position_ == json_.size() ? "the text ends here; expected a value" : "expected a value");
}

bool JsonReader::expectEnd() {
  if (failed_) return false;
  skipBlanks();
  if (position_ == json_.size()) return true;
  return fail(position_, inQuotes(json_.substr(position_)) + " behind the end");
}

}  // namespace jitrig
