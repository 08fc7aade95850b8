// The bytes of a packet are a segment of TCP with these addresses, numbers, flags and payload, or none, as
// the rules of its headers have it; what is damaged has words. The input: the link layer, how long the packet
// was on the wire if that is more than what comes now, the packet.

#include <cstdint>

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/reference_packet.h"

namespace jitrig::fuzz {
namespace {

constexpr std::size_t kLinkTypes = 5;

const FuzzTarget kTarget("packet_is_peeled_by_the_rules", [](InputBytes bytes) {
  FuzzInput input(bytes);
  const auto link_type = static_cast<LinkType>(input.below(kLinkTypes));
  const std::size_t wire_length = input.take<std::uint16_t>();
  const InputBytes packet = input.rest();
  const DecodedPacket found = decodePacket(link_type, packet, wire_length);
  const DecodedPacket expected = packetByTheRules(link_type, packet, wire_length);
  require(found.kind == expected.kind, "it is what the rules say");
  require((found.kind == PacketKind::damaged) == (*found.problem != '\0'), "what is damaged has words");
  if (found.kind != PacketKind::tcp) return;
  const TcpSegment &ours = found.segment, &theirs = expected.segment;
  require(ours.source == theirs.source && ours.destination == theirs.destination, "its addresses");
  require(ours.sequence == theirs.sequence && ours.acknowledgement == theirs.acknowledgement, "its numbers");
  require(ours.syn == theirs.syn && ours.fin == theirs.fin, "its beginning and end");
  require(ours.ack == theirs.ack && ours.rst == theirs.rst, "its other flags");
  requireEqual(ours.payload, theirs.payload, "its payload");
  require(ours.missing_payload_bytes == theirs.missing_payload_bytes, "what was not captured of it");
});

}  // namespace
}  // namespace jitrig::fuzz
