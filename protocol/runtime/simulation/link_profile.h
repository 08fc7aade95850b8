#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/runtime/instant.h"

namespace jitrig {

/// What one direction between two hosts is like. What lies between two bounds is drawn from the seed.
struct LinkProfile {
  /// Each piece of data travels for a time between these two; pieces of one direction do not overtake, so
  /// that a slow one lets those behind it catch up, and they are read as one.
  Duration min_latency{20'000};
  Duration max_latency{500'000};

  /// Pieces leave one after the other at this rate, then they travel. nullopt: at once.
  std::optional<std::uint64_t> bandwidth_bytes_per_s = std::nullopt;

  /// How many written and not yet read bytes a connection holds; drawn for each. A writer waits when it is
  /// full.
  std::size_t min_buffer_bytes = 2'048;
  std::size_t max_buffer_bytes = 65'536;

  /// Reads and writes move a portion of what they could.
  bool segmentation = true;
};

}  // namespace jitrig
