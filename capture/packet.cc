#include "capture/packet.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "capture/network_order.h"

namespace jitrig {
namespace {

constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::size_t kIpv4HeaderSize = 20;
constexpr std::size_t kIpv6HeaderSize = 40;
constexpr std::size_t kTcpHeaderSize = 20;

/// The part of a packet that has not been peeled off yet: its captured bytes and its length on the wire.
struct Rest {
  std::span<const std::byte> bytes;
  std::size_t wire_length = 0;

  std::uint8_t byteAt(std::size_t offset) const { return std::to_integer<std::uint8_t>(bytes[offset]); }
  bool has(std::size_t count) const { return bytes.size() >= count; }
  Rest from(std::size_t offset) const { return {bytes.subspan(offset), wire_length - offset}; }
  Rest limitedTo(std::size_t length) const {
    return {bytes.first(std::min(length, bytes.size())), std::min(length, wire_length)};
  }
};

DecodedPacket other() {
  return {};
}
DecodedPacket damaged(const char* problem) {
  return {PacketKind::damaged, {}, problem};
}
DecodedPacket fragment() {
  return {PacketKind::fragment, {}, ""};
}

DecodedPacket decodeTcp(Rest rest, TcpSegment segment) {
  if (!rest.has(kTcpHeaderSize)) return damaged("the TCP header is cut off");
  const std::size_t header_size = std::size_t{rest.byteAt(12)} / 16 * 4;
  if (header_size < kTcpHeaderSize) return damaged("a TCP header length below 20");
  if (header_size > rest.wire_length) return damaged("the TCP header is longer than its packet");
  segment.source.port = readBig16(rest.bytes, 0);
  segment.destination.port = readBig16(rest.bytes, 2);
  segment.sequence = readBig32(rest.bytes, 4);
  segment.acknowledgement = readBig32(rest.bytes, 8);
  const unsigned flags = rest.byteAt(13);
  segment.fin = (flags & 0x01U) != 0;
  segment.syn = (flags & 0x02U) != 0;
  segment.rst = (flags & 0x04U) != 0;
  segment.ack = (flags & 0x10U) != 0;
  // Options may be cut off; what counts stands before them.
  const std::size_t payload_on_wire = rest.wire_length - header_size;
  segment.payload = rest.bytes.subspan(std::min(header_size, rest.bytes.size()));
  segment.missing_payload_bytes = payload_on_wire - segment.payload.size();
  return {PacketKind::tcp, segment, ""};
}

DecodedPacket decodeIpv4(Rest rest) {
  if (!rest.has(kIpv4HeaderSize)) return damaged("the IPv4 header is cut off");
  if (rest.byteAt(0) / 16 != 4) return damaged("an IPv4 packet whose version is not 4");
  if (rest.byteAt(9) != kProtocolTcp) return other();
  const std::size_t header_size = std::size_t{rest.byteAt(0)} % 16 * 4;
  if (header_size < kIpv4HeaderSize) return damaged("an IPv4 header length below 20");
  // The total length is 0 where the network card cuts large packets into segments; else it tells Ethernet's
  // padding from the packet.
  std::size_t total_length = readBig16(rest.bytes, 2);
  if (total_length == 0) total_length = rest.wire_length;
  if (total_length < header_size) return damaged("an IPv4 total length smaller than its header");
  if (total_length > rest.wire_length) return damaged("an IPv4 total length beyond the packet's end");
  constexpr unsigned kMoreFragmentsAndOffset = 0x3fff;
  if ((readBig16(rest.bytes, 6) & kMoreFragmentsAndOffset) != 0) return fragment();
  if (!rest.has(header_size)) return damaged("the IPv4 header is cut off");

  TcpSegment segment;
  std::copy_n(rest.bytes.begin() + 12, 4, segment.source.address.begin());
  std::copy_n(rest.bytes.begin() + 16, 4, segment.destination.address.begin());
  return decodeTcp(rest.limitedTo(total_length).from(header_size), segment);
}

/// The length in bytes of an IPv6 extension header that may stand before TCP; nothing if `next_header` is
/// none.
std::optional<std::size_t> extensionHeaderSize(std::uint8_t next_header, std::uint8_t length_field) {
  switch (next_header) {
    case 0:    // hop-by-hop options
    case 43:   // routing
    case 60:   // destination options
    case 135:  // mobility
    case 139:  // host identity
    case 140:  // shim6
      return (std::size_t{length_field} + 1) * 8;
    case 51: return (std::size_t{length_field} + 2) * 4;  // authentication
    case 44: return 8;                                    // fragment
    default: return std::nullopt;
  }
}

bool mayLeadToTcp(std::uint8_t next_header) {
  return next_header == kProtocolTcp || extensionHeaderSize(next_header, 0).has_value();
}

DecodedPacket decodeIpv6(Rest rest) {
  if (!rest.has(kIpv6HeaderSize)) return damaged("the IPv6 header is cut off");
  if (rest.byteAt(0) / 16 != 6) return damaged("an IPv6 packet whose version is not 6");
  TcpSegment segment;
  segment.source.is_ipv6 = segment.destination.is_ipv6 = true;
  std::copy_n(rest.bytes.begin() + 8, 16, segment.source.address.begin());
  std::copy_n(rest.bytes.begin() + 24, 16, segment.destination.address.begin());
  std::uint8_t next_header = rest.byteAt(6);
  const std::size_t payload_length = readBig16(rest.bytes, 4);
  rest = rest.from(kIpv6HeaderSize);
  const bool is_cut_off = payload_length > rest.wire_length;
  if (payload_length != 0) rest = rest.limitedTo(payload_length);  // 0: a jumbo or not yet segmented packet

  while (next_header != kProtocolTcp) {
    if (!mayLeadToTcp(next_header)) return other();
    if (!rest.has(8)) return damaged("an IPv6 extension header is cut off");
    const std::size_t size = *extensionHeaderSize(next_header, rest.byteAt(1));
    if (next_header == 44 && (readBig16(rest.bytes, 2) & 0xfff9U) != 0) {
      return mayLeadToTcp(rest.byteAt(0)) ? fragment() : other();
    }
    if (size > rest.bytes.size()) return damaged("an IPv6 extension header is cut off");
    next_header = rest.byteAt(0);
    rest = rest.from(size);
  }
  if (is_cut_off) return damaged("an IPv6 payload length beyond the packet's end");
  return decodeTcp(rest, segment);
}

bool isVlanTag(std::uint16_t ether_type) {
  return ether_type == 0x8100 || ether_type == 0x88a8 || ether_type == 0x9100;
}

DecodedPacket decodeEtherType(Rest rest, std::uint16_t ether_type) {
  while (isVlanTag(ether_type)) {
    if (!rest.has(4)) return damaged("a VLAN tag is cut off");
    ether_type = readBig16(rest.bytes, 2);
    rest = rest.from(4);
  }
  if (ether_type == kEtherTypeIpv4) return decodeIpv4(rest);
  if (ether_type == kEtherTypeIpv6) return decodeIpv6(rest);
  return other();
}

DecodedPacket decodeLoopback(Rest rest) {
  if (!rest.has(4)) return damaged("the loopback header is cut off");
  // Host order of whichever machine captured it (NULL), or network order (LOOP): families are below 256.
  const std::uint32_t big = readBig32(rest.bytes, 0);
  const std::uint32_t family = std::min(big, std::byteswap(big));
  switch (family) {
    case 2: return decodeIpv4(rest.from(4));
    case 10:  // Linux
    case 24:  // NetBSD, OpenBSD
    case 28:  // FreeBSD
    case 30:  // macOS
      return decodeIpv6(rest.from(4));
    default: return other();
  }
}

DecodedPacket decodeRawIp(Rest rest) {
  if (!rest.has(1)) return damaged("an empty packet");
  switch (rest.byteAt(0) / 16) {
    case 4: return decodeIpv4(rest);
    case 6: return decodeIpv6(rest);
    default: return other();
  }
}

}  // namespace

DecodedPacket decodePacket(LinkType link_type, std::span<const std::byte> captured, std::size_t wire_length) {
  const Rest rest{captured, std::max(wire_length, captured.size())};
  switch (link_type) {
    case LinkType::ethernet:
      if (!rest.has(14)) return damaged("the Ethernet header is cut off");
      return decodeEtherType(rest.from(14), readBig16(captured, 12));
    case LinkType::linuxCooked:
      if (!rest.has(16)) return damaged("the Linux cooked header is cut off");
      return decodeEtherType(rest.from(16), readBig16(captured, 14));
    case LinkType::linuxCooked2:
      if (!rest.has(20)) return damaged("the Linux cooked header is cut off");
      return decodeEtherType(rest.from(20), readBig16(captured, 0));
    case LinkType::loopback: return decodeLoopback(rest);
    case LinkType::rawIp: return decodeRawIp(rest);
  }
  return other();
}

}  // namespace jitrig
