#include "scenarios/sweeps/cut_stream.h"

#include <algorithm>
#include <chrono>

namespace jitrig {

std::size_t Cuts::pieceOf(std::uint64_t position, std::size_t count) const {
  if (everywhere) return std::min<std::size_t>(count, 1);
  const auto next = offsets.upper_bound(position);
  if (next == offsets.end()) return count;
  return static_cast<std::size_t>(std::min<std::uint64_t>(count, *next - position));
}

/// A piece leaves when the one before has arrived: longer than any latency of the simulated network.
NetResult<std::size_t> CutStream::writeSome(std::span<const std::byte> bytes, Instant deadline) {
  constexpr Duration kApart = std::chrono::milliseconds(1);
  if (std::exchange(cut_, false)) runtime_.sleepUntil(runtime_.now() + kApart);
  const std::size_t piece = written_cuts_.pieceOf(written_, bytes.size());
  const auto count = ByteStreamDecorator::writeSome(bytes.first(piece), deadline);
  if (!count) return count;
  written_ += *count;
  cut_ = *count == piece && piece < bytes.size();
  return count;
}

NetResult<std::size_t> CutStream::readSome(std::span<std::byte> buffer, Instant deadline) {
  const auto count =
      ByteStreamDecorator::readSome(buffer.first(read_cuts_.pieceOf(read_, buffer.size())), deadline);
  if (count) read_ += *count;
  return count;
}

}  // namespace jitrig
