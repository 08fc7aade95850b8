#include "cli/line_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <unistd.h>

namespace jitrig {

LineReader::Outcome LineReader::next(std::string_view& line) {
  if (passes_over_) passOver();
  std::size_t searched = 0;
  while (true) {
    const std::size_t newline = pending().find('\n', searched);
    const std::size_t length = std::min(newline, pending().size());
    if (length > max_line_bytes_) {
      ++line_number_;
      passes_over_ = true;
      return Outcome::tooLong;
    }
    if (newline != std::string_view::npos) {
      line = takeLine(newline, 1);
      return Outcome::line;
    }
    searched = pending().size();
    if (!readMore()) return lastLine(line);
  }
}

void LineReader::passOver() {
  passes_over_ = false;
  std::size_t newline = pending().find('\n');
  while (newline == std::string_view::npos) {
    begin_ = end_;
    if (!readMore()) return;
    newline = pending().find('\n');
  }
  begin_ += newline + 1;
}

LineReader::Outcome LineReader::lastLine(std::string_view& line) {
  if (!reason_.empty()) return Outcome::failed;
  if (pending().empty()) return Outcome::end;
  line = takeLine(pending().size(), 0);
  return Outcome::line;
}

std::string_view LineReader::takeLine(std::size_t length, std::size_t ending) {
  ++line_number_;
  std::string_view line = pending().substr(0, length);
  begin_ += length + ending;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// False at the end, and after an error.
bool LineReader::readMore() {
  if (ended_) return false;
  before_waiting_();
  makeRoom();
  while (true) {
    const ssize_t count = read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
    if (count > 0) {
      end_ += static_cast<std::size_t>(count);
      return true;
    }
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) reason_ = std::generic_category().message(errno);
    ended_ = true;
    return false;
  }
}

void LineReader::makeRoom() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ >= kReadSize) return;
  const std::size_t largest = std::max(max_line_bytes_, kReadSize) + kReadSize;
  buffer_.resize(std::max(std::min(2 * buffer_.size(), largest), end_ + kReadSize));
}

}  // namespace jitrig
