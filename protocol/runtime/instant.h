#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace jitrig {

/// A length of time. Only the type comes from `std::chrono`; no clock of it may be read above the Runtime.
using Duration = std::chrono::nanoseconds;

/// A point in time: nanoseconds since the Runtime began. Deadlines are Instants, never lengths: a relative
/// deadline would start again with each short read.
struct Instant {
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(Instant, Instant) = default;
};

/// The deadline of an operation that may wait for ever.
inline constexpr Instant kNever{std::numeric_limits<std::int64_t>::max()};

/// The deadline of an operation that must not wait at all.
inline constexpr Instant kAtOnce{std::numeric_limits<std::int64_t>::min()};

/// Saturates at kNever, so that `now() + a very long time` stays a deadline in the future.
constexpr Instant operator+(Instant instant, Duration length) {
  std::int64_t sum = 0;
  if (instant == kNever || __builtin_add_overflow(instant.ns, length.count(), &sum)) return kNever;
  return Instant{sum};
}

constexpr Duration operator-(Instant later, Instant earlier) {
  return Duration(later.ns - earlier.ns);
}

}  // namespace jitrig
