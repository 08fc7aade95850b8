#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>

#include "capture/captured_connection.h"
#include "capture/tcp_address.h"

namespace jitrig {

/// Takes what happens on connections, event after event: a pcap file (PcapWriter), memory (CaptureLog).
/// `connection` is the caller's number for it; times are nanoseconds since a start that the sink knows. The
/// errors are sentences for people. Not thread-safe.
class TrafficSink {
 public:
  using Result = std::expected<void, std::string>;

  TrafficSink() = default;
  TrafficSink(const TrafficSink&) = delete;
  TrafficSink& operator=(const TrafficSink&) = delete;
  virtual ~TrafficSink() = default;

  /// A connection came about. `connection` must not be open; a closed one may be opened again.
  virtual Result open(std::uint32_t connection, const TcpAddress& initiator, const TcpAddress& responder,
                      std::int64_t time_ns) = 0;

  /// Bytes that `sender` sent, behind all that it sent before. They need not outlive the call.
  virtual Result data(std::uint32_t connection, Peer sender, std::span<const std::byte> bytes,
                      std::int64_t time_ns) = 0;

  /// `how` is fin (that side sends nothing more) or reset (which ends both sides).
  virtual Result close(std::uint32_t connection, Peer sender, StreamEnd how, std::int64_t time_ns) = 0;

 protected:
  TrafficSink(TrafficSink&&) = default;
  TrafficSink& operator=(TrafficSink&&) = default;
};

}  // namespace jitrig
