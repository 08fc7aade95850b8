#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "capture/tcp_address.h"

namespace jitrig {

/// One TCP segment to be written as a packet.
struct TcpFrame {
  TcpAddress source{};
  TcpAddress destination{};  ///< of the same family as the source
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool rst = false;
  std::span<const std::byte> payload{};
};

/// The most payload that one packet of either IP version can carry with our headers (IPv4's total length is
/// 16 bits).
inline constexpr std::size_t kMaxSegmentBytes = 65'535 - 20 - 20;

/// IP and TCP header with right checksums, and the payload. `identification` is IPv4's.
std::vector<std::byte> buildIpPacket(const TcpFrame& frame, std::uint16_t identification = 0);

/// The same with an Ethernet header before it; its addresses are zeros, as on a loopback interface.
std::vector<std::byte> buildEthernetFrame(const TcpFrame& frame, std::uint16_t identification = 0);

}  // namespace jitrig
