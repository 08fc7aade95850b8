#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capture/tcp_address.h"

namespace jitrig {

/// Who opened the connection and who accepted it, as TCP knows them. Which of them speaks as client is for
/// the layer above to say: without a SYN the initiator is merely the sender of the first packet seen.
enum class Peer : std::uint8_t { initiator, responder };

/// The one at the other end.
constexpr Peer otherPeer(Peer peer) {
  return peer == Peer::initiator ? Peer::responder : Peer::initiator;
}

/// "initiator→responder", "responder→initiator".
std::string_view directionText(Peer sender);

/// When something was captured: the packet's number decides the order, since clocks may step back.
struct PacketStamp {
  std::int64_t time_ns = 0;  ///< since the file's first packet
  std::uint64_t packet = 0;  ///< its number, from 1

  friend bool operator==(const PacketStamp&, const PacketStamp&) = default;
};

/// Bytes of one direction that one segment brought, in the stream's order.
struct CapturedChunk {
  Peer sender = Peer::initiator;
  /// Position in the sender's stream; lost bytes are counted.
  std::uint64_t offset = 0;
  /// Bytes lost immediately before this chunk. What follows a loss cannot be read as if nothing had happened.
  std::uint64_t lost_before = 0;
  /// Of the packet that made these bytes readable: their own, or the late one that filled the hole before
  /// them.
  PacketStamp stamp;
  std::vector<std::byte> bytes;
};

/// Bytes that the capture does not hold.
struct CapturedGap {
  Peer sender = Peer::initiator;
  std::uint64_t offset = 0;
  std::uint64_t size_bytes = 0;
  /// The receiver acknowledged them: the capture lost them, not the network.
  bool acknowledged = false;
};

/// How one side of a connection stopped sending, as far as the capture shows it.
enum class StreamEnd : std::uint8_t {
  open,   ///< nothing was seen; the capture may have ended first
  fin,    ///< closed in good order
  reset,  ///< RST
};

/// "open", "fin", "reset".
std::string_view toString(StreamEnd end);

/// How and when one side stopped sending.
struct CapturedEnd {
  StreamEnd how = StreamEnd::open;
  PacketStamp stamp;  ///< of the first FIN or RST of that side
};

/// One TCP connection of a capture file, put together.
struct CapturedConnection {
  std::uint32_t index = 0;  ///< from 0, in the order of first packets
  TcpAddress initiator;
  TcpAddress responder;
  PacketStamp first_packet;
  /// A SYN or SYN/ACK was seen: initiator and responder are certain.
  bool had_syn = false;
  /// By sender: the stream is known from its first byte on. Otherwise its first chunk may begin anywhere.
  std::array<bool, 2> has_start{};
  /// Both directions, in the order in which they became readable.
  std::vector<CapturedChunk> chunks;
  /// By sender, then by offset. A gap at the end of a direction has no chunk behind it.
  std::vector<CapturedGap> gaps;
  /// By sender.
  std::array<CapturedEnd, 2> ends{};
  std::vector<std::string> warnings;

  /// One side's own, by who it is or who sent.
  const TcpAddress& address(Peer peer) const { return peer == Peer::initiator ? initiator : responder; }
  const CapturedEnd& end(Peer sender) const { return ends[static_cast<std::size_t>(sender)]; }
  bool hasStart(Peer sender) const { return has_start[static_cast<std::size_t>(sender)]; }

  /// All bytes that `sender` sent and the capture holds, without its gaps.
  std::vector<std::byte> bytesFrom(Peer sender) const;
};

}  // namespace jitrig
