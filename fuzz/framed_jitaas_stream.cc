#include "fuzz/framed_jitaas_stream.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fuzz/fuzz_input.h"
#include "protocol/jitaas/jitaas_framer.h"

namespace jitrig::fuzz {
namespace {

constexpr std::size_t kSizeField = 4;
constexpr std::size_t kLongest = 4096;  ///< of what a size field announces

/// How long the frame is that begins so; 0 if that has not come yet.
std::size_t announced(InputBytes begin) {
  if (begin.size() < kSizeField) return 0;
  std::size_t size = 0;
  for (std::size_t i = kSizeField; i-- > 0;) size = size << 8U | std::to_integer<std::size_t>(begin[i]);
  return kSizeField + size;
}

/// How many bytes of frames were taken out; nullopt: it failed, with `error`.
std::optional<std::size_t> takeOut(JitaasFramer& framer, InputBytes pending, std::string& error) {
  const std::size_t before = pending.size();
  std::vector<std::byte> frame;
  while (true) {
    const std::size_t size = announced(pending);
    const auto whole = framer.next(frame);
    require(whole.has_value() == (size <= kSizeField + kLongest),
            "a stream fails at a frame that is too large");
    if (!whole) {
      error = toString(whole.error());
      return std::nullopt;
    }
    require(*whole == (size != 0 && size <= pending.size()), "a frame is there once all of it has arrived");
    if (!*whole) return before - pending.size();
    requireEqual(frame, pending.first(size), "frames are the stream's bytes");
    pending = pending.subspan(size);
  }
}

}  // namespace

std::string errorOfFramedJitaasStream(InputBytes stream, InputBytes lengths) {
  JitaasFramer framer({.max_message_size_bytes = kLongest});
  FuzzInput left(stream);
  FuzzInput given(lengths);
  std::string error;
  for (std::size_t begin = 0, arrived = 0; !left.empty();) {
    const InputBytes segment =
        given.empty() ? left.rest() : left.take(given.take<std::uint8_t>() + std::size_t{1});
    framer.append(segment);
    arrived += segment.size();
    const auto taken = takeOut(framer, stream.first(arrived).subspan(begin), error);
    if (!taken) break;
    begin += *taken;
  }
  return error;
}

}  // namespace jitrig::fuzz
