#include "protocol/wire/field_path.h"

#include <algorithm>

#include "protocol/wire/quoted_text.h"

namespace jitrig {
namespace {

/// A key that needs no quotes to be told apart from the rest of a path.
bool isWord(std::string_view key) {
  constexpr std::size_t kLongestWord = 40;
  return !key.empty() && key.size() <= kLongestWord && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

std::string FieldPath::toString() const {
  std::string text = root_;
  for (const Part& part : parts_) {
    if (part.is_index) {
      text += '[' + std::to_string(part.index) + ']';
      continue;
    }
    if (!text.empty()) text += '.';
    text += isWord(part.key) ? part.key : inQuotes(part.key);
  }
  return text;
}

}  // namespace jitrig
