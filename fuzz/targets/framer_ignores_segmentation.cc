// A stream of bytes in segments of any length brings the messages that it announces, each once all of it has
// arrived, and then the same error as in one piece; and no more memory than twice what has arrived. The
// input: a number of lengths, the lengths, the stream; what is left after the last length comes in one piece.

#include <algorithm>

#include "fuzz/framed_stream.h"
#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("framer_ignores_segmentation", [](InputBytes bytes) {
  FuzzInput input(bytes);
  const InputBytes lengths = input.take(input.take<std::uint8_t>() % 32U);
  const InputBytes stream = input.rest();
  static FramedStream whole;
  whole.restart(stream);
  whole.append(stream);
  static FramedStream segmented;
  segmented.restart(stream);
  InputBytes left = stream;
  for (std::size_t segment = 0; !left.empty() && !segmented.failed(); ++segment) {
    const std::size_t length =
        segment < lengths.size() ? std::to_integer<std::size_t>(lengths[segment]) + 1 : left.size();
    const InputBytes part = left.first(std::min(length, left.size()));
    segment % 2 == 0 ? segmented.append(part) : segmented.commit(part);
    left = left.subspan(part.size());
  }
  segmented.requireSame(whole);
});

}  // namespace
}  // namespace jitrig::fuzz
