#pragma once

#include <cstddef>

namespace jitrig {

/// How much of a capture file is believed and kept. Each limit is named in the warning that it causes.
struct CaptureLimits {
  /// Packets of further connections are not read.
  std::size_t max_connections = 65'536;
  /// Kept per direction while waiting for a missing segment; beyond it the segment counts as lost.
  std::size_t max_buffered_out_of_order_bytes = std::size_t{16} << 20U;
  /// A direction whose SYN is missing begins with the lowest of its first segments: so many bytes of them are
  /// looked at, and a segment may lie so far below the first one seen.
  std::size_t max_held_start_bytes = std::size_t{64} << 10U;
  /// Stream bytes of all connections together; reading stops there.
  std::size_t max_stream_bytes = std::size_t{4} << 30U;
};

}  // namespace jitrig
