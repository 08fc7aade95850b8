#include "capture/packet.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/network_order.h"
#include "capture/packet_builder_test_support.h"

namespace jitrig {
namespace {

using test::bytesOf;
using test::clientAddress;
using test::joined;
using test::serverAddress;
using test::textOf;
using ::testing::HasSubstr;

const std::vector<std::byte> kPayload = bytesOf("compile me");

TcpFrame ipv4Frame() {
  return {.source = clientAddress(),
          .destination = serverAddress(),
          .sequence = 0xfffffff0,
          .acknowledgement = 77,
          .ack = true,
          .payload = kPayload};
}

TcpFrame ipv6Frame() {
  TcpFrame frame = ipv4Frame();
  frame.source = *TcpAddress::parse("fd00::1", 40000);
  frame.destination = *TcpAddress::parse("fd00::2", 38400);
  return frame;
}

DecodedPacket decode(LinkType link_type, const std::vector<std::byte>& packet) {
  return decodePacket(link_type, packet, packet.size());
}

void expectSegment(const DecodedPacket& decoded, const TcpFrame& frame) {
  ASSERT_EQ(decoded.kind, PacketKind::tcp) << decoded.problem;
  EXPECT_EQ(decoded.segment.source, frame.source);
  EXPECT_EQ(decoded.segment.destination, frame.destination);
  EXPECT_EQ(decoded.segment.sequence, frame.sequence);
  EXPECT_EQ(decoded.segment.acknowledgement, frame.acknowledgement);
  EXPECT_EQ(decoded.segment.syn, frame.syn);
  EXPECT_EQ(decoded.segment.ack, frame.ack);
  EXPECT_EQ(decoded.segment.fin, frame.fin);
  EXPECT_EQ(decoded.segment.rst, frame.rst);
  EXPECT_EQ(textOf(decoded.segment.payload), textOf(frame.payload));
  EXPECT_EQ(decoded.segment.missing_payload_bytes, 0U);
}

TEST(Packet, ReadsEthernetWithIpv4AndIpv6) {
  expectSegment(decode(LinkType::ethernet, buildEthernetFrame(ipv4Frame())), ipv4Frame());
  expectSegment(decode(LinkType::ethernet, buildEthernetFrame(ipv6Frame())), ipv6Frame());
}

TEST(Packet, ReadsEachFlag) {
  for (bool TcpFrame::* flag : {&TcpFrame::syn, &TcpFrame::ack, &TcpFrame::fin, &TcpFrame::rst}) {
    TcpFrame frame = ipv4Frame();
    frame.ack = false;
    frame.*flag = true;
    expectSegment(decode(LinkType::ethernet, buildEthernetFrame(frame)), frame);
  }
}

TEST(Packet, SkipsVlanTagsEvenTwo) {
  auto frame = buildEthernetFrame(ipv4Frame());
  const auto tag = bytesOf(std::string_view("\x81\x00\x00\x05", 4));
  frame.insert(frame.begin() + 12, tag.begin(), tag.end());
  expectSegment(decode(LinkType::ethernet, frame), ipv4Frame());
  for (const std::string_view outer : {std::string_view("\x88\xa8\x00\x06", 4), {"\x91\x00\x00\x07", 4}}) {
    const auto outer_tag = bytesOf(outer);
    auto twice = frame;
    twice.insert(twice.begin() + 12, outer_tag.begin(), outer_tag.end());
    expectSegment(decode(LinkType::ethernet, twice), ipv4Frame());
  }
  frame.resize(15);
  EXPECT_THAT(decode(LinkType::ethernet, frame).problem, HasSubstr("VLAN tag is cut off"));
}

TEST(Packet, ReadsLinuxCooked) {
  std::vector<std::byte> header(14);
  appendBig16(header, 0x0800);
  expectSegment(decode(LinkType::linuxCooked, joined(header, buildIpPacket(ipv4Frame()))), ipv4Frame());
}

TEST(Packet, ReadsLinuxCookedVersion2) {
  std::vector<std::byte> header;
  appendBig16(header, 0x86dd);
  header.resize(20);
  expectSegment(decode(LinkType::linuxCooked2, joined(header, buildIpPacket(ipv6Frame()))), ipv6Frame());
}

TEST(Packet, ReadsLoopbackInEitherByteOrder) {
  for (const auto& header : {std::string_view("\x02\0\0\0", 4), std::string_view("\0\0\0\x02", 4)}) {
    expectSegment(decode(LinkType::loopback, joined(bytesOf(header), buildIpPacket(ipv4Frame()))),
                  ipv4Frame());
  }
  for (const char family : {'\x0a', '\x18', '\x1c', '\x1e'}) {
    const std::string header = {family, '\0', '\0', '\0'};
    expectSegment(decode(LinkType::loopback, joined(bytesOf(header), buildIpPacket(ipv6Frame()))),
                  ipv6Frame());
  }
  const std::string appletalk = {'\x10', '\0', '\0', '\0'};
  EXPECT_EQ(decode(LinkType::loopback, bytesOf(appletalk)).kind, PacketKind::other);
  for (const auto& header : {std::string_view("\x02\0\x01\0", 4), std::string_view("\x02\0\0\x01", 4)}) {
    EXPECT_EQ(decode(LinkType::loopback, joined(bytesOf(header), buildIpPacket(ipv4Frame()))).kind,
              PacketKind::other)
        << "all four bytes count";
  }
}

TEST(Packet, ReadsRawIpOfEitherVersion) {
  expectSegment(decode(LinkType::rawIp, buildIpPacket(ipv4Frame())), ipv4Frame());
  expectSegment(decode(LinkType::rawIp, buildIpPacket(ipv6Frame())), ipv6Frame());
  EXPECT_EQ(decode(LinkType::rawIp, bytesOf("\x50")).kind, PacketKind::other);
  EXPECT_EQ(decode(LinkType::rawIp, {}).kind, PacketKind::damaged);
}

TEST(Packet, SkipsIpv4Options) {
  auto packet = buildIpPacket(ipv4Frame());
  const std::vector<std::byte> options(8, std::byte{1});
  packet.insert(packet.begin() + 20, options.begin(), options.end());
  packet[0] = std::byte{0x47};
  packet[3] = static_cast<std::byte>(packet.size());
  expectSegment(decode(LinkType::rawIp, packet), ipv4Frame());
}

TEST(Packet, SkipsTcpOptions) {
  auto packet = buildIpPacket(ipv4Frame());
  const std::vector<std::byte> options(12, std::byte{1});
  packet.insert(packet.begin() + 40, options.begin(), options.end());
  packet[3] = static_cast<std::byte>(packet.size());
  packet[32] = std::byte{0x80};
  expectSegment(decode(LinkType::rawIp, packet), ipv4Frame());
}

void writeBig16(std::vector<std::byte>& bytes, std::size_t at, unsigned value) {
  bytes[at] = static_cast<std::byte>(value >> 8U);
  bytes[at + 1] = static_cast<std::byte>(value & 0xffU);
}

/// The packet of ipv6Frame() with `extensions` before TCP, of which `first` names the first.
std::vector<std::byte> withExtensions(std::uint8_t first, const std::vector<std::byte>& extensions) {
  auto packet = buildIpPacket(ipv6Frame());
  packet.insert(packet.begin() + 40, extensions.begin(), extensions.end());
  packet[6] = std::byte{first};
  packet[5] = static_cast<std::byte>(packet.size() - 40);
  return packet;
}

TEST(Packet, SkipsIpv6ExtensionHeaders) {
  // hop-by-hop (8 bytes) → routing (16) → authentication (24) → whole packet in one "fragment" → TCP
  std::vector<std::byte> extensions(8 + 16 + 24 + 8);
  extensions[0] = std::byte{43};
  extensions[8] = std::byte{51};
  extensions[9] = std::byte{1};
  extensions[24] = std::byte{44};
  extensions[25] = std::byte{4};
  extensions[48] = std::byte{6};
  expectSegment(decode(LinkType::rawIp, withExtensions(0, extensions)), ipv6Frame());
}

TEST(Packet, SkipsIpv6ExtensionHeadersThatAreRare) {
  for (const std::uint8_t rare : {std::uint8_t{135}, std::uint8_t{139}, std::uint8_t{140}}) {
    std::vector<std::byte> extension(16);
    extension[0] = std::byte{6};
    extension[1] = std::byte{1};
    expectSegment(decode(LinkType::rawIp, withExtensions(rare, extension)), ipv6Frame());
  }
  std::vector<std::byte> next(8);
  next[0] = std::byte{6};
  EXPECT_EQ(decode(LinkType::rawIp, withExtensions(50, next)).kind, PacketKind::other) << "encrypted";
}

TEST(Packet, NamesDamagedIpv6Extensions) {
  std::vector<std::byte> extensions(8);
  extensions[0] = std::byte{6};
  extensions[1] = std::byte{200};
  EXPECT_THAT(decode(LinkType::rawIp, withExtensions(60, extensions)).problem,
              HasSubstr("extension header is cut off"));
  auto packet = withExtensions(60, extensions);
  packet.resize(44);
  EXPECT_THAT(decodePacket(LinkType::rawIp, packet, 200).problem, HasSubstr("extension header is cut off"));
}

TEST(Packet, TellsFragmentsOfTcpFromOtherFragments) {
  // More fragments follow; each bit of where it belongs.
  constexpr unsigned kDontFragment = 0x4000;
  for (unsigned bit = 1; bit < kDontFragment; bit *= 2) {
    auto packet = buildIpPacket(ipv4Frame());
    writeBig16(packet, 6, bit);
    EXPECT_EQ(decode(LinkType::rawIp, packet).kind, PacketKind::fragment) << bit;
    packet[9] = std::byte{17};
    EXPECT_EQ(decode(LinkType::rawIp, packet).kind, PacketKind::other) << bit;
  }
  auto whole = buildIpPacket(ipv4Frame());
  writeBig16(whole, 6, kDontFragment);
  expectSegment(decode(LinkType::rawIp, whole), ipv4Frame());
}

TEST(Packet, TellsFragmentsOverIpv6) {
  for (unsigned bit = 1; bit <= 0x8000; bit *= 2) {
    std::vector<std::byte> extension(8);
    writeBig16(extension, 2, bit);
    extension[0] = std::byte{6};
    const DecodedPacket decoded = decode(LinkType::rawIp, withExtensions(44, extension));
    const bool is_reserved = bit == 2 || bit == 4;
    EXPECT_EQ(decoded.kind, is_reserved ? PacketKind::tcp : PacketKind::fragment) << bit;
    extension[0] = std::byte{17};
    EXPECT_EQ(decode(LinkType::rawIp, withExtensions(44, extension)).kind, PacketKind::other) << bit;
  }
  std::vector<std::byte> before_options(8);
  before_options[0] = std::byte{60};
  before_options[3] = std::byte{1};
  EXPECT_EQ(decode(LinkType::rawIp, withExtensions(44, before_options)).kind, PacketKind::fragment)
      << "TCP may follow the options, in whichever fragment";
}

TEST(Packet, LeavesOtherProtocolsAlone) {
  auto udp = buildIpPacket(ipv4Frame());
  udp[9] = std::byte{17};
  EXPECT_EQ(decode(LinkType::rawIp, udp).kind, PacketKind::other);
  auto udp6 = buildIpPacket(ipv6Frame());
  udp6[6] = std::byte{17};
  EXPECT_EQ(decode(LinkType::rawIp, udp6).kind, PacketKind::other);
  std::vector<std::byte> options(8);
  options[0] = std::byte{17};
  auto behind_options = withExtensions(60, options);
  // Longer than the packet, which is nothing to us either.
  udp[3] = udp6[5] = behind_options[5] = std::byte{200};
  EXPECT_EQ(decode(LinkType::rawIp, udp).kind, PacketKind::other);
  EXPECT_EQ(decode(LinkType::rawIp, udp6).kind, PacketKind::other);
  EXPECT_EQ(decode(LinkType::rawIp, behind_options).kind, PacketKind::other);
  auto arp = buildEthernetFrame(ipv4Frame());
  arp[12] = std::byte{0x08};
  arp[13] = std::byte{0x06};
  EXPECT_EQ(decode(LinkType::ethernet, arp).kind, PacketKind::other);
}

TEST(Packet, LeavesEthernetPaddingOut) {
  TcpFrame frame = ipv4Frame();
  const auto one_byte = bytesOf("x");
  frame.payload = one_byte;
  auto packet = buildEthernetFrame(frame);
  packet.resize(64, std::byte{0xee});
  expectSegment(decode(LinkType::ethernet, packet), frame);
}

TEST(Packet, TakesThePacketsLengthWhereTheIpLengthIsZero) {
  auto ipv4 = buildIpPacket(ipv4Frame());
  ipv4[2] = ipv4[3] = std::byte{0};
  expectSegment(decode(LinkType::rawIp, ipv4), ipv4Frame());
  auto ipv6 = buildIpPacket(ipv6Frame());
  ipv6[4] = ipv6[5] = std::byte{0};
  expectSegment(decode(LinkType::rawIp, ipv6), ipv6Frame());
}

TEST(Packet, CountsPayloadThatWasNotCaptured) {
  auto packet = buildEthernetFrame(ipv4Frame());
  const std::size_t wire_length = packet.size();
  packet.resize(wire_length - 4);
  const DecodedPacket decoded = decodePacket(LinkType::ethernet, packet, wire_length);
  ASSERT_EQ(decoded.kind, PacketKind::tcp);
  EXPECT_EQ(textOf(decoded.segment.payload), "compil");
  EXPECT_EQ(decoded.segment.missing_payload_bytes, 4U);
}

struct Damage {
  std::size_t offset;
  std::uint8_t value;
  const char* problem;
};

TEST(Packet, NamesDamagedHeaders) {
  for (const Damage& damage :
       {Damage{0, 0x44, "IPv4 header length below 20"}, Damage{3, 10, "total length smaller than its header"},
        Damage{3, 200, "total length beyond the packet's end"},
        Damage{32, 0x40, "TCP header length below 20"},
        Damage{32, 0xf0, "TCP header is longer than its packet"}}) {
    auto packet = buildIpPacket(ipv4Frame());
    packet[damage.offset] = std::byte{damage.value};
    const DecodedPacket decoded = decode(LinkType::rawIp, packet);
    EXPECT_EQ(decoded.kind, PacketKind::damaged);
    EXPECT_THAT(decoded.problem, HasSubstr(damage.problem));
  }
  auto packet = buildIpPacket(ipv6Frame());
  packet[5] = std::byte{200};
  EXPECT_THAT(decode(LinkType::rawIp, packet).problem, HasSubstr("payload length beyond"));
  auto wrong_version = buildEthernetFrame(ipv4Frame());
  wrong_version[14] = std::byte{0x65};
  EXPECT_THAT(decode(LinkType::ethernet, wrong_version).problem, HasSubstr("version is not 4"));
  wrong_version = buildEthernetFrame(ipv6Frame());
  wrong_version[14] = std::byte{0x45};
  EXPECT_THAT(decode(LinkType::ethernet, wrong_version).problem, HasSubstr("version is not 6"));
}

// Cut off anywhere, in any link type, with any byte changed: an answer, and never a read beyond the end (the
// sanitizers watch).
TEST(Packet, SurvivesEveryTruncationAndEveryChangedByte) {
  for (const TcpFrame& frame : {ipv4Frame(), ipv6Frame()}) {
    const auto whole = buildEthernetFrame(frame);
    for (const LinkType link_type : {LinkType::ethernet, LinkType::linuxCooked, LinkType::linuxCooked2,
                                     LinkType::loopback, LinkType::rawIp}) {
      for (std::size_t length = 0; length <= whole.size(); ++length) {
        const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        const DecodedPacket decoded = decodePacket(link_type, cut, whole.size());
        EXPECT_LE(decoded.segment.payload.size(), cut.size());
      }
    }
    for (std::size_t offset = 0; offset < whole.size(); ++offset) {
      for (const unsigned value : {0x00U, 0x01U, 0x7fU, 0x80U, 0xffU}) {
        auto changed = whole;
        changed[offset] = static_cast<std::byte>(value);
        const DecodedPacket decoded = decode(LinkType::ethernet, changed);
        EXPECT_LE(decoded.segment.payload.size(), changed.size());
      }
    }
  }
}

}  // namespace
}  // namespace jitrig
