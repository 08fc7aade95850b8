#include "fuzz/stranger.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fuzz/fuzz_input.h"

namespace jitrig::fuzz {

Stranger::Stranger(Runtime& runtime, std::unique_ptr<Connection> connection, InputBytes bytes)
    : runtime_(runtime), stream_(std::move(connection)) {
  FuzzInput input(bytes);
  const auto manner = input.take<std::uint8_t>();
  resets_ = (manner & 1U) != 0;
  segment_ = (manner >> 1U) == 0 ? bytes.size() + 1 : manner >> 1U;
  bytes_ = input.rest();
}

void Stranger::talk() {
  const auto listener = runtime_.spawn("listens", [this] { listen(); });
  say();
  listener->join();
}

void Stranger::listen() {
  std::array<std::byte, 4096> buffer{};
  while (stream_.readSome(buffer, kNever)) {
  }
}

void Stranger::say() {
  constexpr int kMostSegments = 32;
  int segments = 0;
  for (InputBytes left = bytes_; !left.empty();) {
    const InputBytes part = ++segments > kMostSegments ? left : left.first(std::min(segment_, left.size()));
    if (!writeAll(stream_, part, kNever)) break;
    left = left.subspan(part.size());
  }
  if (resets_) return stream_.reset();
  const auto closed = stream_.closeWrite();
  static_cast<void>(closed);  // the other side may have broken it
}

}  // namespace jitrig::fuzz
