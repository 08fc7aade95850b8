#include "protocol/catalogue/release_text.h"

#include <algorithm>
#include <fmt/core.h>

#include "protocol/catalogue/type_expression.h"

namespace jitrig {

namespace {

constexpr std::array<std::string_view, ReleaseText::kKeyCount> kKeys{"release", "protocol",
                                                                     "architecture_bits", "maxtype"};
constexpr std::array<std::string_view, ReleaseText::kSectionCount> kSections{
    "status_codes", "types", "aliases", "structs", "messages"};

template <std::size_t N>
std::size_t indexIn(const std::array<std::string_view, N>& names, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

}  // namespace

std::string TextLine::error(std::string_view what) const {
  return fmt::format("{}.txt:{}: {}", file, number, what);
}

std::optional<std::string> ReleaseText::addHead(const TextLine& line) {
  const std::size_t space = line.text.find(' ');
  const std::size_t key = indexIn(kKeys, line.text.substr(0, space));
  if (key == kKeys.size() || space == std::string_view::npos) {
    return line.error("expected 'release', 'protocol', 'architecture_bits' or 'maxtype' and a value");
  }
  if (head_[key]) return line.error(fmt::format("'{}' is there twice", kKeys[key]));
  head_[key] = TextLine{line.file, line.number, trimmed(line.text.substr(space))};
  return std::nullopt;
}

std::optional<std::string> ReleaseText::addHeading(const TextLine& line) {
  constexpr std::string_view kLike = "like ";
  const std::size_t close = line.text.find(']');
  if (close == std::string_view::npos) return line.error("expected [section]");
  const std::string_view name = line.text.substr(1, close - 1);
  std::string_view like = trimmed(line.text.substr(close + 1));
  if (!like.empty()) {
    if (!like.starts_with(kLike)) return line.error("expected 'like <release>' after the section's name");
    like = trimmed(like.substr(kLike.size()));
  }
  const std::size_t index = indexIn(kSections, name);
  if (index == kSections.size()) return line.error(fmt::format("unknown section [{}]", name));
  if (sections_[index]) return line.error(fmt::format("section [{}] is there twice", name));
  current_ = &sections_[index].emplace(Section{line, like, {}});
  return std::nullopt;
}

std::expected<ReleaseText, std::string> ReleaseText::parse(NamedText named_text) {
  ReleaseText result;
  TextLine line{named_text.name, 0, {}};
  std::string_view rest = named_text.text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    line.text = rest.substr(0, end);
    ++line.number;
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.text.empty() || line.text.front() == '#') continue;
    std::optional<std::string> error;
    if (line.text.front() == '[') {
      error = result.addHeading(line);
    } else if (result.current_ == nullptr) {
      error = result.addHead(line);
    } else if (!result.current_->like.empty()) {
      error = line.error("a section that is 'like' another one has no lines of its own");
    } else {
      result.current_->lines.push_back(line);
    }
    if (error) return std::unexpected(std::move(*error));
  }
  result.current_ = nullptr;
  for (std::size_t key = 0; key < kKeyCount; ++key) {
    if (!result.head_[key]) return std::unexpected(line.error(fmt::format("'{}' is missing", kKeys[key])));
  }
  for (std::size_t name = 0; name < kSectionCount; ++name) {
    if (!result.sections_[name]) {
      return std::unexpected(line.error(fmt::format("section [{}] is missing", kSections[name])));
    }
  }
  return result;
}

}  // namespace jitrig
