#pragma once

#include <string>

namespace jitrig {

/// The standard output of a verb that prints much: collects, and writes in large pieces. Whoever waits for
/// input, or prints to the standard error, flushes first. Not thread-safe.
class StandardOutput {
 public:
  StandardOutput() = default;
  ~StandardOutput();
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;

  /// Text is appended here.
  std::string& text() { return text_; }

  /// Writes if much has been collected. False: nobody reads any more, so there is no point in going on.
  bool flushIfLarge() { return text_.size() < kLarge ? !closed_ : flush(); }

  /// Writes everything. False as above. Throws CommandError for any other failure, a full disk for instance.
  bool flush();

 private:
  static constexpr std::size_t kLarge = std::size_t{64} << 10U;

  std::string text_;
  bool closed_ = false;
};

}  // namespace jitrig
