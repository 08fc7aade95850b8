#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jitrig {

/// The columns of the terminal that the standard output is; 0: it is none, so lines may have any length.
std::size_t terminalWidth();

/// Rows of text under each other, each column as wide as its widest cell. For ASCII text.
class TextTable {
 public:
  enum class Align : std::uint8_t { left, right };

  /// One per column; the last column is not padded if it is left-aligned.
  explicit TextTable(std::vector<Align> columns) : columns_(std::move(columns)) {}

  /// Throws std::logic_error if there are not as many cells as columns.
  void addRow(std::vector<std::string> cells);

  /// All rows, `indent` spaces before each, two between columns. Lines beyond `width` columns are cut there
  /// and end in "..."; 0 is no limit.
  void append(std::string& out, std::size_t indent, std::size_t width) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace jitrig
