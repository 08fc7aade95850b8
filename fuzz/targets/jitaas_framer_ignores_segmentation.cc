// A stream of the older generation in segments of any length brings the frames that its size fields announce,
// each once all of it has arrived, and fails alike at one that is too large. The input: a number of lengths,
// the lengths, the stream; what is left after them is one piece.

#include <cstdint>

#include "fuzz/framed_jitaas_stream.h"
#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("jitaas_framer_ignores_segmentation", [](InputBytes bytes) {
  FuzzInput input(bytes);
  const InputBytes lengths = input.take(input.take<std::uint8_t>() % 32U);
  const InputBytes stream = input.rest();
  require(errorOfFramedJitaasStream(stream, lengths) == errorOfFramedJitaasStream(stream, {}),
          "a stream fails alike in any segments");
});

}  // namespace
}  // namespace jitrig::fuzz
