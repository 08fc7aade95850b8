#include "fuzz/reference_packet.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace jitrig::fuzz {
namespace {

struct Verdict {
  PacketKind kind;
};

[[noreturn]] void is(PacketKind kind) {
  throw Verdict{kind};
}
void must(bool holds) {
  if (!holds) is(PacketKind::damaged);
}

constexpr std::uint64_t kTcp = 6;
constexpr std::uint64_t kFragment = 44;
constexpr std::uint64_t kAuthentication = 51;

bool isExtension(std::uint64_t header) {
  constexpr std::uint64_t kExtensions[] = {0, 43, kFragment, kAuthentication, 60, 135, 139, 140};
  return std::ranges::find(kExtensions, header) != std::end(kExtensions);
}

bool mayCarryTcp(std::uint64_t header) {
  return header == kTcp || isExtension(header);
}

class Rules {
 public:
  Rules(InputBytes captured, std::size_t wire_length)
      : captured_(captured), end_(std::max(wire_length, captured.size())) {}

  void link(LinkType type) {
    switch (type) {
      case LinkType::ethernet: return etherType(12, 14);
      case LinkType::linuxCooked: return etherType(14, 16);
      case LinkType::linuxCooked2: return etherType(0, 20);
      case LinkType::loopback: return family();
      case LinkType::rawIp: return ip(number(0, 1) / 16, 0);
    }
  }

  TcpSegment segment;

 private:
  /// What was captured and belongs to the packet.
  void mustHave(std::size_t place, std::size_t size) const {
    must(place + size <= std::min(captured_.size(), end_));
  }

  std::uint64_t number(std::size_t place, std::size_t size) const {
    mustHave(place, size);
    std::uint64_t value = 0;
    for (const std::byte each : captured_.subspan(place, size))
      value = value * 256 + std::to_integer<unsigned>(each);
    return value;
  }

  void etherType(std::size_t place, std::size_t behind) {
    mustHave(0, behind);
    for (;;) {
      const std::uint64_t type = number(place, 2);
      if (type == 0x0800) return ip(4, behind);
      if (type == 0x86dd) return ip(6, behind);
      if (type != 0x8100 && type != 0x88a8 && type != 0x9100) is(PacketKind::other);
      place = behind + 2;
      behind += 4;
    }
  }

  void family() {
    const std::uint64_t big = number(0, 4);
    const std::uint64_t little =
        number(3, 1) << 24U | number(2, 1) << 16U | number(1, 1) << 8U | number(0, 1);
    const std::uint64_t family = std::min(big, little);
    const bool is_6 = family == 10 || family == 24 || family == 28 || family == 30;
    ip(family == 2 ? 4 : is_6 ? 6 : 0, 4);
  }

  void ip(std::uint64_t version, std::size_t place) {
    if (version == 4) return ip4(place);
    if (version == 6) return ip6(place);
    is(PacketKind::other);
  }

  void ip4(std::size_t place) {
    mustHave(place, 20);
    must(number(place, 1) / 16 == 4);
    if (number(place + 9, 1) != kTcp) is(PacketKind::other);
    const std::size_t header = number(place, 1) % 16 * 4;
    must(header >= 20);
    const std::size_t length = number(place + 2, 2);
    must(place + length <= end_);
    if (length != 0) end_ = place + length;  // left open by network cards that cut packets themselves
    must(place + header <= end_);
    const std::uint64_t fragment = number(place + 6, 2);
    if (fragment % 0x2000 != 0 || fragment / 0x2000 % 2 == 1) is(PacketKind::fragment);
    mustHave(place, header);
    addresses(place + 12, 4);
    tcp(place + header);
  }

  void ip6(std::size_t place) {
    mustHave(place, 40);
    must(number(place, 1) / 16 == 6);
    std::uint64_t next = number(place + 6, 1);
    addresses(place + 8, 16);
    const std::size_t length = number(place + 4, 2);
    place += 40;
    const bool fits = place + length <= end_;
    if (fits && length != 0) end_ = place + length;
    while (next != kTcp) {
      if (!mayCarryTcp(next)) is(PacketKind::other);
      const std::size_t size = extensionSize(next, place);
      next = number(place, 1);
      place += size;
    }
    must(fits);
    tcp(place);
  }

  std::size_t extensionSize(std::uint64_t header, std::size_t place) const {
    mustHave(place, 8);
    std::size_t size = 8 + 8 * number(place + 1, 1);
    if (header == kAuthentication) size = 8 + 4 * number(place + 1, 1);
    if (header == kFragment) {
      const std::uint64_t offset_and_more = number(place + 2, 2);
      const bool is_whole = offset_and_more / 8 == 0 && offset_and_more % 2 == 0;
      if (!is_whole) is(mayCarryTcp(number(place, 1)) ? PacketKind::fragment : PacketKind::other);
      size = 8;
    }
    mustHave(place, size);
    return size;
  }

  void addresses(std::size_t place, std::size_t size) {
    segment.source.is_ipv6 = segment.destination.is_ipv6 = size == 16;
    for (std::size_t i = 0; i < size; ++i) {
      segment.source.address[i] = static_cast<std::byte>(number(place + i, 1));
      segment.destination.address[i] = static_cast<std::byte>(number(place + size + i, 1));
    }
  }

  void tcp(std::size_t place) {
    mustHave(place, 20);
    const std::size_t payload = place + number(place + 12, 1) / 16 * 4;
    must(payload >= place + 20 && payload <= end_);
    segment.source.port = static_cast<std::uint16_t>(number(place, 2));
    segment.destination.port = static_cast<std::uint16_t>(number(place + 2, 2));
    segment.sequence = static_cast<std::uint32_t>(number(place + 4, 4));
    segment.acknowledgement = static_cast<std::uint32_t>(number(place + 8, 4));
    const std::uint64_t flags = number(place + 13, 1);
    segment.fin = flags % 2 == 1;
    segment.syn = flags / 2 % 2 == 1;
    segment.rst = flags / 4 % 2 == 1;
    segment.ack = flags / 16 % 2 == 1;
    const std::size_t captured_end = std::min(captured_.size(), end_);
    const std::size_t begin = std::min(payload, captured_end);
    segment.payload = captured_.subspan(begin, captured_end - begin);
    segment.missing_payload_bytes = end_ - payload - segment.payload.size();
  }

  InputBytes captured_;
  std::size_t end_;
};

}  // namespace

DecodedPacket packetByTheRules(LinkType link_type, InputBytes captured, std::size_t wire_length) {
  Rules rules(captured, wire_length);
  try {
    rules.link(link_type);
    return {PacketKind::tcp, rules.segment, ""};
  } catch (const Verdict& verdict) {
    return {verdict.kind, {}, ""};
  }
}

}  // namespace jitrig::fuzz
