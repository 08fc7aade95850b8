#include "capture/tcp_frame.h"

#include <cassert>

#include "capture/network_order.h"

namespace jitrig {
namespace {

constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::size_t kTcpHeaderSize = 20;
constexpr std::size_t kIpv4ChecksumOffset = 10;
constexpr std::size_t kTcpChecksumOffset = 16;

/// The Internet checksum's running sum (RFC 1071): 16-bit words, the carries are folded in at the end.
class InternetChecksum {
 public:
  void add(std::span<const std::byte> bytes) {
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum_ += readBig16(bytes, i);
    if (bytes.size() % 2 != 0) sum_ += std::to_integer<std::uint64_t>(bytes.back()) << 8U;
  }
  void add(std::uint64_t word) { sum_ += word; }

  std::uint16_t value() const {
    std::uint64_t sum = sum_;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16U);
    return static_cast<std::uint16_t>(~sum & 0xffff);
  }

 private:
  std::uint64_t sum_ = 0;
};

void putBig16(std::span<std::byte> bytes, std::size_t offset, std::uint16_t value) {
  bytes[offset] = static_cast<std::byte>(value >> 8U);
  bytes[offset + 1] = static_cast<std::byte>(value & 0xffU);
}

std::span<const std::byte> addressBytes(const TcpAddress& address) {
  return std::span(address.address).first(address.is_ipv6 ? 16 : 4);
}

void append(std::vector<std::byte>& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void appendIpv4Header(std::vector<std::byte>& out, const TcpFrame& frame, std::uint16_t identification) {
  const std::size_t begin = out.size();
  constexpr std::uint16_t kVersionAndHeaderSize = 0x4500;
  constexpr std::uint16_t kDoNotFragment = 0x4000;
  constexpr unsigned kTimeToLive = 64;
  appendBig16(out, kVersionAndHeaderSize);
  appendBig16(out, static_cast<std::uint16_t>(20 + kTcpHeaderSize + frame.payload.size()));
  appendBig16(out, identification);
  appendBig16(out, kDoNotFragment);
  appendBig16(out, static_cast<std::uint16_t>(kTimeToLive << 8U | kProtocolTcp));
  appendBig16(out, 0);  // the checksum's place
  append(out, addressBytes(frame.source));
  append(out, addressBytes(frame.destination));
  const auto header = std::span(out).subspan(begin);
  InternetChecksum checksum;
  checksum.add(header);
  putBig16(header, kIpv4ChecksumOffset, checksum.value());
}

void appendIpv6Header(std::vector<std::byte>& out, const TcpFrame& frame) {
  constexpr std::uint32_t kVersion = 0x60000000;
  constexpr unsigned kHopLimit = 64;
  appendBig32(out, kVersion);
  appendBig16(out, static_cast<std::uint16_t>(kTcpHeaderSize + frame.payload.size()));
  appendBig16(out, static_cast<std::uint16_t>(kProtocolTcp << 8U | kHopLimit));
  append(out, addressBytes(frame.source));
  append(out, addressBytes(frame.destination));
}

void appendTcp(std::vector<std::byte>& out, const TcpFrame& frame) {
  const std::size_t begin = out.size();
  const unsigned flags = (frame.fin ? 0x01U : 0U) | (frame.syn ? 0x02U : 0U) | (frame.rst ? 0x04U : 0U) |
                         (frame.payload.empty() ? 0U : 0x08U) | (frame.ack ? 0x10U : 0U);
  constexpr unsigned kHeaderWords = 5;
  constexpr std::uint16_t kWindow = 65'535;
  appendBig16(out, frame.source.port);
  appendBig16(out, frame.destination.port);
  appendBig32(out, frame.sequence);
  appendBig32(out, frame.acknowledgement);
  appendBig16(out, static_cast<std::uint16_t>(kHeaderWords << 12U | flags));
  appendBig16(out, kWindow);
  appendBig16(out, 0);  // the checksum's place
  appendBig16(out, 0);  // no urgent data
  append(out, frame.payload);
  const auto segment = std::span(out).subspan(begin);
  InternetChecksum checksum;  // over a pseudo header of addresses, protocol and length, too
  checksum.add(addressBytes(frame.source));
  checksum.add(addressBytes(frame.destination));
  checksum.add(std::uint64_t{kProtocolTcp});
  checksum.add(segment.size());
  checksum.add(segment);
  putBig16(segment, kTcpChecksumOffset, checksum.value());
}

void appendIpPacket(std::vector<std::byte>& out, const TcpFrame& frame, std::uint16_t identification) {
  assert(frame.payload.size() <= kMaxSegmentBytes);
  assert(frame.source.is_ipv6 == frame.destination.is_ipv6);
  if (frame.source.is_ipv6) {
    appendIpv6Header(out, frame);
  } else {
    appendIpv4Header(out, frame, identification);
  }
  appendTcp(out, frame);
}

}  // namespace

std::vector<std::byte> buildIpPacket(const TcpFrame& frame, std::uint16_t identification) {
  std::vector<std::byte> out;
  appendIpPacket(out, frame, identification);
  return out;
}

std::vector<std::byte> buildEthernetFrame(const TcpFrame& frame, std::uint16_t identification) {
  std::vector<std::byte> out(12);  // both addresses
  appendBig16(out, frame.source.is_ipv6 ? 0x86dd : 0x0800);
  appendIpPacket(out, frame, identification);
  return out;
}

}  // namespace jitrig
