#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "protocol/runtime/instant.h"

namespace jitrig {

/// As long as it lives, every thread of this process is interrupted a thousand times a second, if no other
/// interval is given, by a signal that means nothing (SIGURG, with a handler that does nothing, and without
/// SA_RESTART): each system call that waits ends with EINTR again and again. What waits there must go on
/// (bugs.md, R7). One at a time.
class SignalStorm {
 public:
  /// Throws std::system_error if there can be no further thread.
  explicit SignalStorm(Duration interval = std::chrono::milliseconds(1));
  SignalStorm(const SignalStorm&) = delete;
  SignalStorm& operator=(const SignalStorm&) = delete;
  ~SignalStorm();

  /// To each single thread counted once.
  std::uint64_t signalsSent() const;
  /// How many of them a thread has taken so far, in the whole process and its life.
  static std::uint64_t signalsTaken();

 private:
  class Sender;
  std::unique_ptr<Sender> sender_;
};

}  // namespace jitrig
