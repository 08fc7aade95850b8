// A stream of the older generation in segments of any length brings the same frames, and then the same error,
// as in one piece. The input: a number of lengths, the lengths, the stream; what is left after them is one
// piece.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "protocol/jitaas/jitaas_framer.h"

namespace jitrig::fuzz {
namespace {

auto framesOf(InputBytes stream, FuzzInput lengths) {
  JitaasFramer framer({.max_message_size_bytes = 4096});
  std::pair<std::vector<std::vector<std::byte>>, std::string> found;  // the latter is the error
  for (FuzzInput left(stream); !left.empty() && found.second.empty();) {
    framer.append(lengths.empty() ? left.rest() : left.take(lengths.take<std::uint8_t>() + std::size_t{1}));
    std::vector<std::byte> frame;
    auto whole = framer.next(frame);
    for (; whole && *whole; whole = framer.next(frame)) found.first.push_back(frame);
    if (!whole) found.second = toString(whole.error());
  }
  return found;
}

const FuzzTarget kTarget("jitaas_framer_ignores_segmentation", [](InputBytes bytes) {
  FuzzInput input(bytes);
  const InputBytes lengths = input.take(input.take<std::uint8_t>() % 32U);
  const InputBytes stream = input.rest();
  require(framesOf(stream, FuzzInput(lengths)) == framesOf(stream, FuzzInput({})), "the frames are the same");
});

}  // namespace
}  // namespace jitrig::fuzz
