#include "scenarios/dialogue/message_difference.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <vector>

#include "protocol/catalogue/message_text.h"
#include "protocol/wire/value.h"
#include "protocol/wire/value_text.h"

namespace jitrig::dialogue {
namespace {

constexpr std::size_t kMaxLength = 120;
constexpr std::string_view kFirst = "  <- the first that differs";

/// The text around its `from`-th byte, if it is too long for a line.
std::string excerpt(const std::string& text, std::size_t from) {
  if (text.size() <= kMaxLength) return text;
  const std::size_t begin = from > kMaxLength / 2 ? from - kMaxLength / 2 : 0;
  return fmt::format("{}{}{} ({} characters)", begin != 0 ? "…" : "", text.substr(begin, kMaxLength),
                     begin + kMaxLength < text.size() ? "…" : "", text.size());
}

std::size_t commonLength(const std::string& one, const std::string& other) {
  const auto [end, unused] = std::ranges::mismatch(one, other);
  return static_cast<std::size_t>(end - one.begin());
}

std::string head(std::uint16_t type, const std::optional<FullVersion>& announced, const Dialect& dialect) {
  const FullVersion version = announced.value_or(FullVersion{});
  Message message;
  message.start(type, version.version, version.config);
  std::string text;
  appendTextHead(text, message, *dialect.table);
  return text;
}

/// Compares data point by data point, and collects the lines.
class Comparison {
 public:
  Comparison(std::span<const DataPointPattern> expected, std::vector<Value> found)
      : open_ended_(!expected.empty() && expected.back().isRest()),
        expected_(open_ended_ ? expected.first(expected.size() - 1) : expected),
        found_(std::move(found)) {}

  /// Whether all of them are as expected. Later Placeholders are not filled after a difference.
  bool equal() {
    first_ = 0;
    while (first_ < expected_.size() && first_ < found_.size() && expected_[first_].meet(found_[first_]))
      ++first_;
    return first_ == expected_.size() && (first_ == found_.size() || open_ended_);
  }

  std::string lines() const {
    constexpr std::size_t kContext = 2;
    std::string text;
    const std::size_t begin = first_ > kContext ? first_ - kContext : 0;
    if (begin != 0) text += fmt::format("    ({} equal)\n", begin);
    for (std::size_t i = begin; i < first_; ++i) text += line(' ', i, excerpt(toText(found_[i]), 0));
    text += difference();
    const std::size_t behind = std::max(found_.size(), expected_.size()) -
                               std::min(first_ + 1, std::max(found_.size(), expected_.size()));
    if (behind != 0)
      text += fmt::format("    ({} more: expected {}, came {})\n", behind, expectedCount(), found_.size());
    return text;
  }

 private:
  static std::string line(char mark, std::size_t index, std::string_view text) {
    return fmt::format("{} {:>3} {}\n", mark, index, text);
  }

  std::string expectedCount() const {
    return fmt::format("{}{} data points", expected_.size(), open_ended_ ? " or more" : "");
  }

  std::string difference() const {
    const std::string expected = first_ < expected_.size()
                                     ? expected_[first_].text()
                                     : fmt::format("no such data point: expected {}", expectedCount());
    const std::string found = first_ < found_.size()
                                  ? toText(found_[first_])
                                  : fmt::format("no such data point: came {} data points", found_.size());
    const std::size_t common = commonLength(expected, found);
    return line('-', first_, excerpt(expected, common)) +
           line('+', first_, excerpt(found, common) + std::string(kFirst));
  }

  bool open_ended_;
  std::span<const DataPointPattern> expected_;
  std::vector<Value> found_;
  std::size_t first_ = 0;
};

std::string inParentheses(const std::string& head, const std::string& lines) {
  return fmt::format("  {}(\n{}  )", head, lines);
}

}  // namespace

std::optional<std::string> differenceOf(const ExpectedMessage& expected, const Message& found,
                                        const Dialect& dialect) {
  const FullVersion announced{found.version(), found.config()};
  const std::string found_head = head(found.type(), announced, dialect);
  if (expected.type != found.type() || (expected.announced && *expected.announced != announced)) {
    std::string came;
    appendText(came, found, *dialect.table);
    return fmt::format("- {}\n+ {}{}", toText(expected, dialect), excerpt(came, 0), kFirst);
  }
  Comparison comparison(expected.data_points, toValues(found));
  if (comparison.equal()) return std::nullopt;
  return inParentheses(found_head, comparison.lines());
}

std::string toText(const ExpectedMessage& expected, const Dialect& dialect) {
  std::vector<std::string> texts;
  for (const DataPointPattern& pattern : expected.data_points) texts.push_back(excerpt(pattern.text(), 0));
  return fmt::format("{}({})", head(expected.type, expected.announced, dialect), fmt::join(texts, ", "));
}

}  // namespace jitrig::dialogue
