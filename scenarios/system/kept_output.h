#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jitrig {

/// The end of a text that may be long, and its first line. Not thread-safe.
class KeptOutput {
 public:
  explicit KeptOutput(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Bytes of the standard output, of whose beginning firstLine() is.
  void addOutput(std::string_view bytes);
  void addErrorText(std::string_view bytes) { keep(bytes); }

  /// Without its end of line; nullopt as long as that has not come, and if it is longer than 4,096 bytes.
  const std::optional<std::string>& firstLine() const { return first_line_; }

  /// What was kept, in the order in which it came.
  std::string text() const;

 private:
  void keep(std::string_view bytes);

  std::size_t max_bytes_;
  std::string kept_;
  std::uint64_t left_out_ = 0;
  std::string beginning_;  ///< as long as the first line is not complete
  std::optional<std::string> first_line_;
};

}  // namespace jitrig
