#include "protocol/catalogue/type_expression.h"

#include <fmt/core.h>

namespace jitrig {

namespace {

/// Recursive descent, no deeper than kMaxNesting.
class TypeExpressionParser {
 public:
  explicit TypeExpressionParser(std::string_view text) : text_(text) {}

  /// Types separated by commas, up to a '>' or the end.
  bool list(std::vector<TypeExpression>& types, std::size_t depth) {
    do {
      if (!one(types.emplace_back(), depth)) return false;
    } while (take(','));
    return true;
  }

  bool one(TypeExpression& type, std::size_t depth) {
    if (depth > TypeExpression::kMaxNesting) {
      return fail(fmt::format("types nested deeper than {}", TypeExpression::kMaxNesting));
    }
    const std::size_t begin = position_;
    while (position_ < text_.size() &&
           std::string_view("<>,").find(text_[position_]) == std::string_view::npos) {
      ++position_;
    }
    type.name = trimmed(text_.substr(begin, position_ - begin));
    if (type.name.empty()) return fail("a type is missing");
    if (!take('<')) return true;
    type.has_arguments = true;
    if (!list(type.arguments, depth + 1)) return false;
    if (!take('>')) return fail("expected , or >");
    skipSpaces();
    return true;
  }

  bool atEnd() const { return position_ == text_.size(); }

  std::unexpected<std::string> error() const { return std::unexpected(error_); }
  std::unexpected<std::string> surplus() const {
    return std::unexpected(
        fmt::format("at offset {}: expected the end, found '{}'", position_, text_[position_]));
  }

 private:
  bool take(char c) {
    if (position_ == text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  void skipSpaces() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
  }

  bool fail(std::string_view what) {
    error_ = fmt::format("at offset {}: {}", position_, what);
    return false;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::string error_;
};

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::expected<TypeExpression, std::string> TypeExpression::parse(std::string_view text) {
  TypeExpressionParser parser(text);
  TypeExpression type;
  if (!parser.one(type, 0)) return parser.error();
  if (!parser.atEnd()) return parser.surplus();
  return type;
}

}  // namespace jitrig
