#include "fuzz/framed_jitaas_stream.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <vector>

#include "fuzz/fuzz_input.h"
#include "protocol/jitaas/jitaas_framer.h"

namespace jitrig::fuzz {
namespace {

constexpr std::size_t kSizeFieldBytes = 4;
constexpr std::size_t kLongestBytes = 4096;  ///< that a size field may announce

/// How long the frame is that begins so; 0 if that has not come yet.
std::size_t announced(InputBytes begin) {
  if (begin.size() < kSizeFieldBytes) return 0;
  std::size_t size = 0;
  for (std::size_t i = kSizeFieldBytes; i-- > 0;) size = size << 8U | std::to_integer<std::size_t>(begin[i]);
  return kSizeFieldBytes + size;
}

/// Takes out what is whole; returns how many bytes it was, or the error.
std::expected<std::size_t, std::string> takeOut(JitaasFramer& framer, InputBytes pending) {
  const std::size_t before = pending.size();
  std::vector<std::byte> frame;
  while (true) {
    const std::size_t size = announced(pending);
    const auto whole = framer.next(frame);
    require(whole.has_value() == (size <= kSizeFieldBytes + kLongestBytes),
            "a stream fails at a frame that is too large");
    if (!whole) {
      require(!framer.next(frame), "an error is final");
      return std::unexpected(toString(whole.error()));
    }
    require(*whole == (size != 0 && size <= pending.size()), "a frame is there once all of it has arrived");
    if (!*whole) return before - pending.size();
    requireEqual(frame, pending.first(size), "frames are the stream's bytes");
    pending = pending.subspan(size);
    require(framer.bufferedBytes() == pending.size(), "a framer has what has not come out");
  }
}

}  // namespace

std::string errorOfFramedJitaasStream(InputBytes stream, InputBytes lengths) {
  JitaasFramer framer({.max_message_size_bytes = kLongestBytes});
  FuzzInput left(stream);
  FuzzInput given(lengths);
  for (std::size_t begin = 0, arrived = 0; !left.empty();) {
    const InputBytes segment =
        given.empty() ? left.rest() : left.take(given.take<std::uint8_t>() + std::size_t{1});
    framer.append(segment);
    arrived += segment.size();
    const auto taken = takeOut(framer, stream.first(arrived).subspan(begin));
    if (!taken) return taken.error();
    begin += *taken;
  }
  return {};
}

}  // namespace jitrig::fuzz
