#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <fstream>
#include <iosfwd>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "capture/captured_connection.h"
#include "capture/tcp_address.h"
#include "capture/traffic_sink.h"

namespace jitrig {

/// What a file begins with, and how it is cut into packets.
struct PcapWriterOptions {
  std::int64_t start_time_ns = 0;  ///< since 1970; the times of events count from it
  /// 1 to kMaxSegmentBytes. One message is one packet as long as it fits.
  std::size_t max_segment_bytes = 65'495;
  /// After each event, so that a crash of this process loses nothing that happened before.
  bool flush_each_event = false;
};

/// Writes conversations as a pcap file (nanoseconds, Ethernet) that Wireshark, tcpdump and our own reader
/// read: events in, packets out, with handshakes, sequence numbers and checksums made up.
///
/// The bytes of a side follow each other as they are given; times should not step back. Not thread-safe.
/// After an error the file holds whole packets up to it, or a cut-off last one if the disk was full.
class PcapWriter final : public TrafficSink {
 public:
  /// Makes or empties the file. Errors name the path and the reason.
  static std::expected<PcapWriter, std::string> create(const std::string& path,
                                                       const PcapWriterOptions& options = {});

  /// Writes to `out`, which must outlive the writer. `name` stands in errors.
  static std::expected<PcapWriter, std::string> over(std::ostream& out, const std::string& name,
                                                     const PcapWriterOptions& options = {});

  /// A handshake. `connection` is the caller's name for it; a closed one may be opened again.
  Result open(std::uint32_t connection, const TcpAddress& initiator, const TcpAddress& responder,
              std::int64_t time_ns) override;

  Result data(std::uint32_t connection, Peer sender, std::span<const std::byte> bytes,
              std::int64_t time_ns) override;

  /// `how` is fin (that side sends nothing more) or reset (which ends both sides).
  Result close(std::uint32_t connection, Peer sender, StreamEnd how, std::int64_t time_ns) override;

  /// Writes out what is buffered. The destructor does the same, but cannot report anything.
  Result flush();

 private:
  struct Side {
    TcpAddress address;
    std::uint32_t next_sequence = 0;
    bool closed = false;
  };
  struct Connection {
    std::array<Side, 2> sides;
  };
  struct Flags {
    bool syn = false;
    bool ack = true;
    bool fin = false;
    bool rst = false;
  };

  PcapWriter(std::string name, const PcapWriterOptions& options)
      : name_(std::move(name)), options_(options) {}

  static Result check(const PcapWriterOptions& options);
  Result writeFileHeader();
  Result writeSegment(Connection& connection, Peer sender, Flags flags, std::span<const std::byte> payload,
                      std::int64_t time_ns);
  Result writeRecord(std::span<const std::byte> frame, std::int64_t time_ns);
  Result write(std::span<const std::byte> bytes);
  Result endEvent();
  std::expected<Connection*, std::string> openConnection(std::uint32_t connection, Peer sender);

  std::string name_;
  PcapWriterOptions options_;
  std::unique_ptr<std::ofstream> file_;  ///< only if made by create()
  std::ostream* out_ = nullptr;
  std::map<std::uint32_t, Connection> connections_;
  std::uint32_t connections_opened_ = 0;
  std::uint16_t identification_ = 0;
};

}  // namespace jitrig
