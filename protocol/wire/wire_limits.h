#pragma once

#include <cstddef>
#include <cstdint>

namespace jitrig {

/// How much of a peer's announcements is believed. Each limit has a test and is named in its error.
struct WireLimits {
  std::size_t max_message_size_bytes = std::size_t{64} << 20U;
  /// Containers inside containers: a vector of tuples of strings nests 2 deep. Real messages stay below 6.
  std::size_t max_nesting = 64;
  /// Elements of one vector, simple or not.
  std::size_t max_vector_length = std::size_t{1} << 24U;
};

/// The parser's own bound: max_nesting above this counts as this. It sizes a fixed array, so that a hostile
/// message cannot make the parser allocate or recurse.
inline constexpr std::size_t kNestingHardLimit = 256;

}  // namespace jitrig
