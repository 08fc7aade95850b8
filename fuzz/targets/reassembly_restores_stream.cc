// Segments of a stream in any order, repeated, overlapping, at any sequence number, are the stream again once
// all of it has come. The input: where the stream begins, its length, then cuts of it; what they leave out
// comes last.

#include <cstdint>
#include <vector>

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/segment_sender.h"
#include "fuzz/stream_order.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("reassembly_restores_stream", [](InputBytes bytes) {
  FuzzInput input(bytes);
  const auto first = input.take<std::uint32_t>();
  std::vector<std::byte> stream(1 + input.take<std::uint16_t>() % 3000U);
  for (std::size_t at = 0; at < stream.size(); ++at) stream[at] = static_cast<std::byte>(at * 7 + at / 256);
  SegmentSender sender(first, stream);
  if (input.below(2) == 0) sender.sendSyn();
  while (!input.empty()) sender.send(input.take<std::uint16_t>() % stream.size(), input.take<std::uint8_t>());
  sender.sendLeftOut();
  const auto result = sender.finish();
  require(result.connections.size() == 1, "one stream is one connection");
  requireOrder(result.connections.front());
  requireEqual(result.connections.front().bytesFrom(Peer::initiator), stream,
               "all bytes came, so all are there");
});

}  // namespace
}  // namespace jitrig::fuzz
