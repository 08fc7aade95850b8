#include "capture/capture_file.h"

#include <fmt/format.h>

#include "capture/packet.h"
#include "capture/packet_file.h"
#include "capture/tcp_reassembly.h"

namespace jitrig {
namespace {

/// How often something happened, and where first: one warning instead of thousands.
struct Occurrences {
  std::uint64_t count = 0;
  std::uint64_t first_packet = 0;
  std::string first_detail;

  void add(std::uint64_t packet, std::string detail = "") {
    if (count++ > 0) return;
    first_packet = packet;
    first_detail = std::move(detail);
  }
};

/// Reads one file from its first packet to its last.
class Reader {
 public:
  Reader(PacketFile file, const CaptureLimits& limits)
      : file_(std::move(file)), limits_(limits), reassembly_(limits) {}

  CaptureFile read() {
    CapturedPacket packet;
    while (file_.next(packet)) {
      if (packet.number == 1) result_.start_time_ns = packet.time_ns;
      result_.packets = packet.number;
      if (!take(packet)) {
        warn(fmt::format("max_stream_bytes ({}) reached at packet {}: the rest of the file was not read",
                         limits_.max_stream_bytes, packet.number));
        break;
      }
    }
    if (!file_.damage().empty()) warn(file_.damage());
    warnOfPackets();
    auto [connections, warnings] = reassembly_.finish();
    result_.connections = std::move(connections);
    for (std::string& warning : warnings) warn(std::move(warning));
    return std::move(result_);
  }

 private:
  bool take(const CapturedPacket& packet) {
    const DecodedPacket decoded = decodePacket(file_.linkType(), packet.bytes, packet.wire_length);
    switch (decoded.kind) {
      case PacketKind::other: ++others_; return true;
      case PacketKind::damaged: damaged_.add(packet.number, decoded.problem); return true;
      case PacketKind::fragment: fragments_.add(packet.number); return true;
      case PacketKind::tcp: break;
    }
    if (decoded.segment.missing_payload_bytes > 0) {
      cut_off_.add(packet.number, fmt::format("{} of {} bytes", packet.bytes.size(), packet.wire_length));
    }
    return reassembly_.add(decoded.segment, {packet.time_ns - result_.start_time_ns, packet.number});
  }

  void warnOfPackets() {
    if (others_ > 0 && others_ == result_.packets)
      warn(fmt::format("none of {} packets is of TCP: there is nothing to read", others_));
    if (cut_off_.count > 0) {
      warn(fmt::format(
          "{} packets were captured shorter than they were (snapshot length), the first is packet {} "
          "({} captured): the bytes behind are lost",
          cut_off_.count, cut_off_.first_packet, cut_off_.first_detail));
    }
    if (fragments_.count > 0) {
      warn(fmt::format(
          "{} IP fragments of TCP packets were not put together, the first is packet {}: what they carry "
          "is lost",
          fragments_.count, fragments_.first_packet));
    }
    if (damaged_.count > 0) {
      warn(fmt::format("{} packets with damaged headers were left out, the first is packet {}: {}",
                       damaged_.count, damaged_.first_packet, damaged_.first_detail));
    }
  }

  void warn(std::string text) { result_.warnings.push_back(std::move(text)); }

  PacketFile file_;
  const CaptureLimits& limits_;
  TcpReassembly reassembly_;
  CaptureFile result_;
  std::uint64_t others_ = 0;  ///< packets that carry no TCP
  Occurrences cut_off_;
  Occurrences fragments_;
  Occurrences damaged_;
};

}  // namespace

std::expected<CaptureFile, std::string> readCaptureFile(const std::string& path,
                                                        const CaptureLimits& limits) {
  auto file = PacketFile::open(path);
  if (!file) return std::unexpected(std::move(file.error()));
  return Reader(std::move(*file), limits).read();
}

std::expected<CaptureFile, std::string> readCapture(std::span<const std::byte> bytes, const std::string& name,
                                                    const CaptureLimits& limits) {
  auto file = PacketFile::over(bytes, name);
  if (!file) return std::unexpected(std::move(file.error()));
  return Reader(std::move(*file), limits).read();
}

std::vector<std::string> allWarnings(const CaptureFile& file) {
  std::vector<std::string> result = file.warnings;
  for (const CapturedConnection& connection : file.connections) {
    for (const std::string& warning : connection.warnings) {
      result.push_back(fmt::format("connection {} ({} → {}): {}", connection.index,
                                   toString(connection.initiator), toString(connection.responder), warning));
    }
  }
  return result;
}

}  // namespace jitrig
