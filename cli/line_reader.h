#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace jitrig {

/// Lines of a file descriptor, each within a limit; memory grows with what arrives. A line ends with "\n" or
/// "\r\n"; the last one may do without. Not thread-safe.
class LineReader {
 public:
  enum class Outcome : std::uint8_t {
    line,
    tooLong,  ///< the line is longer than the limit; the next call passes over what is left of it
    end,
    failed,  ///< reading failed: reason() says why
  };

  /// `before_waiting` is called before each read, which may take long: that is the time to flush output.
  LineReader(int descriptor, std::size_t max_line_bytes, std::function<void()> before_waiting)
      : descriptor_(descriptor),
        max_line_bytes_(max_line_bytes),
        before_waiting_(std::move(before_waiting)) {}

  /// `line` is valid until the next call.
  Outcome next(std::string_view& line);

  /// Of the line that next() gave or passed over last, from 1.
  std::uint64_t lineNumber() const { return line_number_; }

  const std::string& reason() const { return reason_; }

 private:
  static constexpr std::size_t kReadSize = std::size_t{64} << 10U;

  std::string_view pending() const { return {buffer_.data() + begin_, end_ - begin_}; }
  bool readMore();
  void makeRoom();
  void passOver();
  Outcome lastLine(std::string_view& line);
  std::string_view takeLine(std::size_t length, std::size_t ending);

  int descriptor_;
  std::size_t max_line_bytes_;
  std::function<void()> before_waiting_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t line_number_ = 0;
  bool ended_ = false;
  bool passes_over_ = false;  ///< the line in which the next call begins was too long
  std::string reason_;
};

}  // namespace jitrig
