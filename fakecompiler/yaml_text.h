#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jitrig {

/// A value as it stands in YAML: plain where that reads back as the same text, else in double quotes.
std::string yamlText(std::string_view text);

/// Writes maps and lists, two columns per level, so that YamlReader reads back the same.
class YamlWriter {
 public:
  /// `indent`: levels that everything is moved to the right.
  explicit YamlWriter(std::size_t indent = 0) : level_(indent) {}

  /// "key: value".
  void entry(std::string_view key, std::string_view value);
  /// "- value".
  void item(std::string_view value);
  /// "key:", followed by what is inside until close().
  void open(std::string_view key);
  /// "- ", followed by the keys of a map until close(); there must be at least one.
  void openItem();
  void close() { --level_; }
  /// Lines that are finished, indentation included.
  void raw(std::string_view lines) { text_ += lines; }

  std::size_t level() const { return level_; }
  const std::string& text() const { return text_; }

 private:
  void beginLine();

  std::string text_;
  std::size_t level_;
  bool item_begun_ = false;  ///< the next key stands behind "- "
};

}  // namespace jitrig
