#include "protocol/catalogue/message_lines.h"

#include <array>
#include <charconv>
#include <fmt/core.h>
#include <limits>

#include "protocol/catalogue/type_expression.h"

namespace jitrig {

namespace {

using Direction = MessageType::Direction;
using Problem = std::optional<std::string>;

/// Cuts a message line into its parts from the left.
class LineScanner {
 public:
  explicit LineScanner(std::string_view text) : rest_(text) {}

  bool atEnd() const { return rest_.empty(); }

  /// Up to the next space.
  std::string_view word() {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_ = trimmed(rest_.substr(end));
    return word;
  }

  /// The text between `open` and the next `close`, if that comes now.
  std::optional<std::string_view> enclosed(char open, char close) {
    const std::size_t end = rest_.find(close);
    if (rest_.empty() || rest_.front() != open || end == std::string_view::npos) return std::nullopt;
    const std::string_view inside = rest_.substr(1, end - 1);
    rest_ = trimmed(rest_.substr(end + 1));
    return inside;
  }

  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_ = trimmed(rest_.substr(token.size()));
    return true;
  }

 private:
  std::string_view rest_;
};

/// Reads "(A, B<C>)" into C++ types and shapes, "(?)" as not known.
Problem readDataPoints(LineScanner& scanner, const CppTypes& types,
                       std::optional<std::vector<WireType>>& wire, std::vector<std::string>& cpp) {
  wire.reset();
  cpp.clear();
  const auto list = scanner.enclosed('(', ')');
  if (!list) return "expected data points in ( )";
  if (*list == "?") return std::nullopt;
  wire.emplace();
  std::size_t begin = 0;
  std::size_t depth = 0;
  for (std::size_t i = 0; i <= list->size() && !list->empty(); ++i) {
    const char c = i == list->size() ? ',' : (*list)[i];
    if (c == '<') ++depth;
    if (c == '>' && depth > 0) --depth;
    if (c != ',' || (depth > 0 && i < list->size())) continue;
    const std::string_view cpp_type = trimmed(list->substr(begin, i - begin));
    auto type = types.wireType(cpp_type);
    if (!type) return std::move(type.error());
    wire->push_back(std::move(*type));
    cpp.emplace_back(cpp_type);
    begin = i + 1;
  }
  return std::nullopt;
}

std::optional<Direction> parseDirection(std::string_view word) {
  for (const Direction direction : {Direction::query, Direction::clientToServer, Direction::serverToClient}) {
    if (word == toString(direction)) return direction;
  }
  return std::nullopt;
}

/// Numbers the types of one build in the order of their lines.
class MessageLines {
 public:
  MessageLines(const CppTypes& types, Build build) : types_(types), build_(build) {}

  Problem add(std::string_view text) {
    if (text.starts_with("number ")) return addNumber(trimmed(text.substr(7)));
    if (text.front() == ' ') return addVariant(trimmed(text));
    return addMessage(text);
  }

  std::vector<MessageType> take() { return std::move(messages_); }

 private:
  /// "number 100": the next type has this number.
  Problem addNumber(std::string_view text) {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), next_number_);
    if (error != std::errc{} || stop != text.data() + text.size()) return "expected a number up to 65535";
    return std::nullopt;
  }

  /// "query VM_isClassArray (TR_OpaqueClassBlock *) -> (bool) [mark]"
  Problem addMessage(std::string_view text) {
    LineScanner scanner(text);
    MessageType type;
    const auto direction = parseDirection(scanner.word());
    if (!direction) return "expected query, client, server or number";
    type.direction = *direction;
    type.name = scanner.word();
    if (type.name.empty()) return "expected the name of a message type";
    if (auto problem = readDataPoints(scanner, types_, type.request, type.request_cpp)) return problem;
    type.has_reply = scanner.take("->");
    if (type.has_reply) {
      if (auto problem = readDataPoints(scanner, types_, type.reply, type.reply_cpp)) return problem;
    }
    bool in_this_build = true;
    while (const auto mark = scanner.enclosed('[', ']')) {
      if (auto problem = applyMark(*mark, type, in_this_build)) return problem;
    }
    if (!scanner.atEnd()) return "expected '-> (...)' or a mark in [ ]";
    last_is_in_this_build_ = in_this_build;
    has_last_ = true;
    if (!in_this_build) return std::nullopt;
    if (next_number_ > std::numeric_limits<std::uint16_t>::max()) return "the number exceeds 65535";
    type.number = static_cast<std::uint16_t>(next_number_++);
    messages_.push_back(std::move(type));
    return std::nullopt;
  }

  Problem applyMark(std::string_view mark, MessageType& type, bool& in_this_build) const {
    if (mark == "unsent") {
      type.server_sends = false;
    } else if (mark == "unsent in j9") {
      if (build_ == Build::j9) type.server_sends = false;
    } else if (mark == "unsent in openjdk") {
      if (build_ == Build::openjdk) type.server_sends = false;
    } else if (mark == "unused") {
      type.unused = true;
    } else if (mark == "j9 only") {
      in_this_build = build_ == Build::j9;
    } else {
      return fmt::format("unknown mark [{}]", mark);
    }
    return std::nullopt;
  }

  /// "  j9 (...)" or "  j9 -> (...)": the data points of the type above in the j9 build.
  Problem addVariant(std::string_view text) {
    LineScanner scanner(text);
    if (scanner.word() != "j9") return "expected 'j9' and data points";
    if (!has_last_) return "there is no message type above";
    MessageType unused_type;
    const bool applies = build_ == Build::j9 && last_is_in_this_build_;
    MessageType& type = applies ? messages_.back() : unused_type;
    const bool is_reply = scanner.take("->");
    if (is_reply && applies && !type.has_reply) return "the message type above has no reply";
    auto problem = is_reply ? readDataPoints(scanner, types_, type.reply, type.reply_cpp)
                            : readDataPoints(scanner, types_, type.request, type.request_cpp);
    if (!problem && !scanner.atEnd()) problem = "expected the end of the line";
    return problem;
  }

  const CppTypes& types_;
  const Build build_;
  std::vector<MessageType> messages_;
  std::uint32_t next_number_ = 0;
  bool has_last_ = false;
  bool last_is_in_this_build_ = false;
};

}  // namespace

std::expected<std::vector<MessageType>, std::string> parseMessageLines(const std::vector<TextLine>& lines,
                                                                       const CppTypes& types, Build build) {
  MessageLines messages(types, build);
  for (const TextLine& line : lines) {
    if (auto problem = messages.add(line.text)) return std::unexpected(line.error(*problem));
  }
  return messages.take();
}

}  // namespace jitrig
