#include "capture/pcap_writer.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <limits>
#include <ostream>
#include <system_error>
#include <vector>

#include "capture/tcp_frame.h"

namespace jitrig {
namespace {

constexpr std::int64_t kSecondInNs = 1'000'000'000;

void appendLittle32(std::vector<std::byte>& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::byte>(value >> shift & 0xffU));
}

void appendLittle16(std::vector<std::byte>& out, std::uint16_t value) {
  out.push_back(static_cast<std::byte>(value & 0xffU));
  out.push_back(static_cast<std::byte>(value >> 8U));
}

/// What kept a standard stream from writing; it does not always say.
std::string systemError(int error) {
  return error != 0 ? std::generic_category().message(error) : "the stream is broken";
}

/// Connections differ in their first sequence numbers, so that a reader tells a second connection of the same
/// addresses from a repeated SYN.
constexpr std::uint32_t firstSequence(std::uint32_t connections_opened) {
  return connections_opened * 0x01000193U;
}

}  // namespace

PcapWriter::Result PcapWriter::check(const PcapWriterOptions& options) {
  if (options.max_segment_bytes < 1 || options.max_segment_bytes > kMaxSegmentBytes) {
    return std::unexpected(fmt::format("max_segment_bytes is {}, but must be 1 to {}",
                                       options.max_segment_bytes, kMaxSegmentBytes));
  }
  return {};
}

std::expected<PcapWriter, std::string> PcapWriter::create(const std::string& path,
                                                          const PcapWriterOptions& options) {
  if (auto checked = check(options); !checked) return std::unexpected(checked.error());
  PcapWriter writer(path, options);
  errno = 0;
  writer.file_ = std::make_unique<std::ofstream>(path, std::ios::binary | std::ios::trunc);
  if (!writer.file_->is_open()) {
    return std::unexpected(fmt::format("{}: cannot be written: {}", path, systemError(errno)));
  }
  writer.out_ = writer.file_.get();
  if (auto written = writer.writeFileHeader(); !written) return std::unexpected(written.error());
  return writer;
}

std::expected<PcapWriter, std::string> PcapWriter::over(std::ostream& out, const std::string& name,
                                                        const PcapWriterOptions& options) {
  if (auto checked = check(options); !checked) return std::unexpected(checked.error());
  PcapWriter writer(name, options);
  writer.out_ = &out;
  if (auto written = writer.writeFileHeader(); !written) return std::unexpected(written.error());
  return writer;
}

PcapWriter::Result PcapWriter::writeFileHeader() {
  constexpr std::uint32_t kMagicNanoseconds = 0xa1b23c4d;
  constexpr std::uint32_t kSnapshotLength = 262'144;
  constexpr std::uint32_t kLinkTypeEthernet = 1;
  std::vector<std::byte> header;
  appendLittle32(header, kMagicNanoseconds);
  appendLittle16(header, 2);  // version 2.4
  appendLittle16(header, 4);
  appendLittle32(header, 0);  // times are UTC
  appendLittle32(header, 0);  // accuracy: unused by everyone
  appendLittle32(header, kSnapshotLength);
  appendLittle32(header, kLinkTypeEthernet);
  if (auto written = write(header); !written) return written;
  return endEvent();
}

PcapWriter::Result PcapWriter::write(std::span<const std::byte> bytes) {
  errno = 0;
  out_->write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (out_->good()) return {};
  return std::unexpected(fmt::format("{}: writing failed: {}", name_, systemError(errno)));
}

PcapWriter::Result PcapWriter::flush() {
  errno = 0;
  if (out_->flush().good()) return {};
  return std::unexpected(fmt::format("{}: writing failed: {}", name_, systemError(errno)));
}

PcapWriter::Result PcapWriter::endEvent() {
  return options_.flush_each_event ? flush() : Result{};
}

PcapWriter::Result PcapWriter::writeRecord(std::span<const std::byte> frame, std::int64_t time_ns) {
  const std::int64_t latest = std::int64_t{std::numeric_limits<std::uint32_t>::max()} * kSecondInNs;
  std::int64_t absolute_ns = 0;
  if (__builtin_add_overflow(options_.start_time_ns, time_ns, &absolute_ns) || absolute_ns < 0 ||
      absolute_ns > latest) {
    return std::unexpected(fmt::format("{}: time {} ns after {} ns does not fit a pcap file (1970 to 2106)",
                                       name_, time_ns, options_.start_time_ns));
  }
  std::vector<std::byte> header;
  appendLittle32(header, static_cast<std::uint32_t>(absolute_ns / kSecondInNs));
  appendLittle32(header, static_cast<std::uint32_t>(absolute_ns % kSecondInNs));
  appendLittle32(header, static_cast<std::uint32_t>(frame.size()));  // captured
  appendLittle32(header, static_cast<std::uint32_t>(frame.size()));  // on the wire
  if (auto written = write(header); !written) return written;
  return write(frame);
}

PcapWriter::Result PcapWriter::writeSegment(Connection& connection, Peer sender, Flags flags,
                                            std::span<const std::byte> payload, std::int64_t time_ns) {
  Side& from = connection.sides[static_cast<std::size_t>(sender)];
  const Side& to = connection.sides[static_cast<std::size_t>(otherPeer(sender))];
  const TcpFrame frame{.source = from.address,
                       .destination = to.address,
                       .sequence = from.next_sequence,
                       .acknowledgement = flags.ack ? to.next_sequence : 0,
                       .syn = flags.syn,
                       .ack = flags.ack,
                       .fin = flags.fin,
                       .rst = flags.rst,
                       .payload = payload};
  from.next_sequence += static_cast<std::uint32_t>(payload.size()) + (flags.syn || flags.fin ? 1U : 0U);
  return writeRecord(buildEthernetFrame(frame, ++identification_), time_ns);
}

PcapWriter::Result PcapWriter::open(std::uint32_t connection, const TcpAddress& initiator,
                                    const TcpAddress& responder, std::int64_t time_ns) {
  if (initiator.is_ipv6 != responder.is_ipv6) {
    return std::unexpected(fmt::format("{}: connection {} from {} to {} would mix IPv4 and IPv6", name_,
                                       connection, toString(initiator), toString(responder)));
  }
  const auto known = connections_.find(connection);
  if (known != connections_.end() && !(known->second.sides[0].closed && known->second.sides[1].closed)) {
    return std::unexpected(fmt::format("{}: connection {} is open already", name_, connection));
  }
  Connection opened;
  ++connections_opened_;
  const std::uint32_t sequence = firstSequence(connections_opened_);
  opened.sides = {Side{initiator, sequence, false}, Side{responder, ~sequence, false}};
  if (auto written = writeSegment(opened, Peer::initiator, {.syn = true, .ack = false}, {}, time_ns);
      !written) {
    return written;
  }
  if (auto written = writeSegment(opened, Peer::responder, {.syn = true}, {}, time_ns); !written)
    return written;
  if (auto written = writeSegment(opened, Peer::initiator, {}, {}, time_ns); !written) return written;
  connections_[connection] = opened;
  return endEvent();
}

std::expected<PcapWriter::Connection*, std::string> PcapWriter::openConnection(std::uint32_t connection,
                                                                               Peer sender) {
  const auto known = connections_.find(connection);
  if (known == connections_.end()) {
    return std::unexpected(fmt::format("{}: connection {} was not opened", name_, connection));
  }
  if (known->second.sides[static_cast<std::size_t>(sender)].closed) {
    return std::unexpected(
        fmt::format("{}: connection {}, {}: closed already", name_, connection, directionText(sender)));
  }
  return &known->second;
}

PcapWriter::Result PcapWriter::data(std::uint32_t connection, Peer sender, std::span<const std::byte> bytes,
                                    std::int64_t time_ns) {
  const auto known = openConnection(connection, sender);
  if (!known) return std::unexpected(known.error());
  while (!bytes.empty()) {
    const auto segment = bytes.first(std::min(bytes.size(), options_.max_segment_bytes));
    if (auto written = writeSegment(**known, sender, {}, segment, time_ns); !written) return written;
    bytes = bytes.subspan(segment.size());
  }
  return endEvent();
}

PcapWriter::Result PcapWriter::close(std::uint32_t connection, Peer sender, StreamEnd how,
                                     std::int64_t time_ns) {
  if (how == StreamEnd::open) {
    return std::unexpected(
        fmt::format("{}: connection {}: a side closes by fin or reset", name_, connection));
  }
  const auto known = openConnection(connection, sender);
  if (!known) return std::unexpected(known.error());
  Connection& closed = **known;
  const bool is_reset = how == StreamEnd::reset;
  if (auto written = writeSegment(closed, sender, {.fin = !is_reset, .rst = is_reset}, {}, time_ns);
      !written) {
    return written;
  }
  closed.sides[static_cast<std::size_t>(sender)].closed = true;
  if (is_reset) {
    closed.sides[static_cast<std::size_t>(otherPeer(sender))].closed = true;
  } else if (auto written = writeSegment(closed, otherPeer(sender), {}, {}, time_ns); !written) {
    return written;
  }
  return endEvent();
}

}  // namespace jitrig
