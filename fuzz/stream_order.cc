#include "fuzz/stream_order.h"

#include <algorithm>
#include <array>

#include "fuzz/fuzz_target.h"

namespace jitrig::fuzz {

void requireOrder(const CapturedConnection& connection) {
  std::array<std::uint64_t, 2> ends{};
  std::array<std::uint64_t, 2> lost{};
  for (const CapturedChunk& chunk : connection.chunks) {
    const auto sender = static_cast<std::size_t>(chunk.sender);
    require(!chunk.bytes.empty(), "a chunk has bytes");
    require(chunk.offset == ends[sender] + chunk.lost_before,
            "a chunk follows the one before it, but for lost bytes");
    ends[sender] = chunk.offset + chunk.bytes.size();
    lost[sender] += chunk.lost_before;
  }
  std::array<std::uint64_t, 2> gaps{};
  for (const CapturedGap& gap : connection.gaps) {
    const auto sender = static_cast<std::size_t>(gap.sender);
    require(gap.size_bytes > 0, "a gap has a size");
    if (gap.offset < ends[sender]) gaps[sender] += gap.size_bytes;
  }
  require(gaps == lost, "the gaps before chunks are what chunks say was lost before them");
}

}  // namespace jitrig::fuzz
