#pragma once

#include <cstdint>
#include <map>

#include "capture/capture_file.h"
#include "capture/traffic_sink.h"

namespace jitrig {

/// Keeps traffic in memory, as if it had been captured and read back: each event of data is one packet.
class CaptureLog final : public TrafficSink {
 public:
  explicit CaptureLog(std::int64_t start_time_ns = 0) { file_.start_time_ns = start_time_ns; }

  Result open(std::uint32_t connection, const TcpAddress& initiator, const TcpAddress& responder,
              std::int64_t time_ns) override;
  Result data(std::uint32_t connection, Peer sender, std::span<const std::byte> bytes,
              std::int64_t time_ns) override;
  Result close(std::uint32_t connection, Peer sender, StreamEnd how, std::int64_t time_ns) override;

  /// Everything so far. A connection's index counts its open().
  const CaptureFile& file() const { return file_; }

 private:
  CapturedConnection* find(std::uint32_t connection);
  PacketStamp nextStamp(std::int64_t time_ns);

  CaptureFile file_;
  std::map<std::uint32_t, std::size_t> index_by_connection_;
  std::map<std::uint32_t, std::array<std::uint64_t, 2>> sent_bytes_;  ///< by index, then by sender
};

}  // namespace jitrig
