#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "capture/tcp_address.h"

namespace jitrig {

/// What the first bytes of a captured packet are. One per file.
enum class LinkType {
  ethernet,      ///< with any number of VLAN tags (802.1Q, 802.1ad)
  linuxCooked,   ///< SLL: tcpdump -i any, older
  linuxCooked2,  ///< SLL2: tcpdump -i any, newer
  loopback,      ///< NULL and LOOP: BSD and macOS; a 4-byte protocol family in either byte order
  rawIp,         ///< the IP packet itself: tunnels
};

/// One TCP segment; `payload` points into the packet's bytes.
struct TcpSegment {
  TcpAddress source{};
  TcpAddress destination{};
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;  ///< only if `ack`
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool rst = false;
  std::span<const std::byte> payload{};
  /// Bytes of the payload that were on the wire behind `payload`, but were not captured.
  std::size_t missing_payload_bytes = 0;
};

/// What decodePacket() made of a packet.
enum class PacketKind {
  tcp,       ///< `segment` holds it
  other,     ///< another protocol: of no interest
  fragment,  ///< part of a fragmented IP packet that carries TCP, or may: not put together
  damaged,   ///< claims to be TCP over IP, but a header does not hold; see `problem`
};

/// A packet with its headers peeled off; `problem` has a word only if it is damaged.
struct DecodedPacket {
  PacketKind kind = PacketKind::other;
  TcpSegment segment;
  const char* problem = "";
};

/// Peels link layer, IP and TCP headers off one packet; over IPv6 the extension headers, wherever they stand.
/// `wire_length` is its length on the wire, of which `captured` may be only the beginning. Checksums are not
/// verified: network cards compute them after the kernel has handed the packet to the capture, so that those
/// of sent packets are rarely right.
DecodedPacket decodePacket(LinkType link_type, std::span<const std::byte> captured, std::size_t wire_length);

}  // namespace jitrig
