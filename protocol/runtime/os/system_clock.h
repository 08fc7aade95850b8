#pragma once

#include <ctime>

#include "protocol/runtime/instant.h"

namespace jitrig {

/// CLOCK_MONOTONIC counted from the construction.
class SystemClock {
 public:
  SystemClock();

  Instant now() const;

  /// At once if `instant` has passed; kNever never ends.
  void sleepUntil(Instant instant) const;

  /// How long ppoll may wait for `deadline`: 0 when it has passed. nullptr, for ever, for kNever.
  const timespec* remaining(Instant deadline, timespec& storage) const;

 private:
  std::int64_t start_ns_;
};

}  // namespace jitrig
