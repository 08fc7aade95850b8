#include "fakecompiler/yaml_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace jitrig {
namespace {

bool isLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Fewer texts than YAML would allow; the others are quoted.
bool isPlain(std::string_view text) {
  constexpr std::string_view kHarmless = "_./-+()<> ";
  if (text.empty() || !(isLetterOrDigit(text.front()) || text.front() == '/' || text.front() == '.')) {
    return false;
  }
  if (text.back() == ' ' || text == "null" || text == "Null" || text == "NULL" || text == "...") return false;
  return std::ranges::all_of(
      text, [&](char c) { return isLetterOrDigit(c) || kHarmless.find(c) != std::string_view::npos; });
}

}  // namespace

std::string yamlText(std::string_view text) {
  if (isPlain(text)) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n')
      quoted += "\\n";
    else if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f)
      fmt::format_to(std::back_inserter(quoted), "\\x{:02x}", byte);
    else
      quoted += c;
  }
  return quoted + '"';
}

void YamlWriter::beginLine() {
  text_.append(2 * (item_begun_ ? level_ - 1 : level_), ' ');
  if (item_begun_) text_ += "- ";
  item_begun_ = false;
}

void YamlWriter::entry(std::string_view key, std::string_view value) {
  beginLine();
  fmt::format_to(std::back_inserter(text_), "{}: {}\n", key, yamlText(value));
}

void YamlWriter::item(std::string_view value) {
  beginLine();
  fmt::format_to(std::back_inserter(text_), "- {}\n", yamlText(value));
}

void YamlWriter::open(std::string_view key) {
  beginLine();
  fmt::format_to(std::back_inserter(text_), "{}:\n", key);
  ++level_;
}

void YamlWriter::openItem() {
  item_begun_ = true;
  ++level_;
}

}  // namespace jitrig
