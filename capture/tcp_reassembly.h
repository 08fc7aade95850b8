#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "capture/capture_limits.h"
#include "capture/captured_connection.h"
#include "capture/packet.h"
#include "capture/tcp_direction.h"

namespace jitrig {

/// TCP segments in, connections out. A SYN on the addresses of an earlier connection begins a new one, and so
/// does data that cannot belong to a closed one.
class TcpReassembly {
 public:
  explicit TcpReassembly(const CaptureLimits& limits = {}) : limits_(limits) {}
  TcpReassembly(const TcpReassembly&) = delete;
  TcpReassembly& operator=(const TcpReassembly&) = delete;

  /// False if max_stream_bytes is reached: nothing more is kept.
  bool add(const TcpSegment& segment, PacketStamp stamp);

  /// All connections, by first packet, and what is wrong with the file as a whole.
  struct Result {
    std::vector<CapturedConnection> connections;
    std::vector<std::string> warnings;
  };

  /// Ends every connection. Call it once, and nothing afterwards.
  Result finish();

 private:
  struct Tracked {
    explicit Tracked(const CaptureLimits& limits)
        : directions{TcpDirection(Peer::initiator, limits), TcpDirection(Peer::responder, limits)} {}

    CapturedConnection connection;
    std::array<TcpDirection, 2> directions;
    bool to_itself = false;  ///< both ends have the same address: nobody can tell the directions apart
    bool abandoned = false;  ///< a new SYN came before it was closed

    TcpDirection& from(Peer peer) { return directions[static_cast<std::size_t>(peer)]; }
    bool isClosed() const;
  };

  using Addresses = std::pair<TcpAddress, TcpAddress>;  ///< the smaller first

  Tracked* find(const TcpSegment& segment);
  Tracked* findOrOpen(const TcpSegment& segment, PacketStamp stamp);
  Tracked* open(const TcpSegment& segment, PacketStamp stamp);
  bool beginsNewConnection(Tracked& known, const TcpSegment& segment) const;
  static Peer senderOf(const Tracked& tracked, const TcpSegment& segment);
  static CapturedConnection finishConnection(Tracked& tracked);

  CaptureLimits limits_;
  std::vector<std::unique_ptr<Tracked>> all_;
  std::map<Addresses, Tracked*> current_;  ///< the latest connection of each pair of addresses
  std::size_t kept_bytes_ = 0;
  std::uint64_t left_out_packets_ = 0;
  std::uint64_t first_left_out_packet_ = 0;
};

}  // namespace jitrig
