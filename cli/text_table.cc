#include "cli/text_table.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace jitrig {
namespace {

constexpr std::string_view kEllipsis = "...";

void appendCut(std::string& out, std::string_view line, std::size_t width) {
  line = line.substr(0, line.find_last_not_of(' ') + 1);
  if (width <= kEllipsis.size() || line.size() <= width) {
    out += line;
  } else {
    out += line.substr(0, width - kEllipsis.size());
    out += kEllipsis;
  }
  out += '\n';
}

}  // namespace

std::size_t terminalWidth() {
  winsize size{};
  if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

void TextTable::addRow(std::vector<std::string> cells) {
  if (cells.size() != columns_.size()) throw std::logic_error("a row needs one cell per column");
  rows_.push_back(std::move(cells));
}

void TextTable::append(std::string& out, std::size_t indent, std::size_t width) const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows_) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      if (i > 0) line += "  ";
      line += columns_[i] == Align::right ? padding + row[i] : row[i] + padding;
    }
    appendCut(out, line, width);
  }
}

}  // namespace jitrig
