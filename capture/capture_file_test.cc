#include "capture/capture_file.h"

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/network_order.h"
#include "capture/packet_builder_test_support.h"

namespace jitrig {
namespace {

using test::bytesOf;
using test::clientAddress;
using test::joined;
using test::PcapBytes;
using test::serverAddress;
using test::TemporaryFile;
using test::textFrom;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::byte> ipSegment(std::uint32_t sequence, std::string_view text, bool syn = false) {
  const auto payload = bytesOf(text);
  return buildIpPacket({.source = clientAddress(),
                        .destination = serverAddress(),
                        .sequence = sequence,
                        .syn = syn,
                        .payload = payload});
}

std::vector<std::byte> ethernet(const std::vector<std::byte>& ip_packet) {
  std::vector<std::byte> header(12);
  appendBig16(header, 0x0800);
  return joined(std::move(header), ip_packet);
}

std::expected<CaptureFile, std::string> readBytes(std::span<const std::byte> bytes,
                                                  const CaptureLimits& limits = {}) {
  const TemporaryFile file;
  file.write(bytes);
  return readCaptureFile(file.path(), limits);
}

/// Three packets: SYN, "abc", "def".
PcapBytes threePackets() {
  PcapBytes pcap;
  pcap.add(ethernet(ipSegment(99, "", true)), 100, 999'999'999);
  pcap.add(ethernet(ipSegment(100, "abc")), 101, 1);
  pcap.add(ethernet(ipSegment(103, "def")), 101, 123'456'789);
  return pcap;
}

TEST(CaptureFile, KeepsNanoseconds) {
  const auto file = readBytes(threePackets().bytes());
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->start_time_ns, 100'999'999'999);
  EXPECT_EQ(file->packets, 3U);
  ASSERT_EQ(file->connections.size(), 1U);
  EXPECT_EQ(textFrom(file->connections[0], Peer::initiator), "abcdef");
  EXPECT_EQ(file->connections[0].chunks[0].stamp.time_ns, 2);
  EXPECT_EQ(file->connections[0].chunks[1].stamp.time_ns, 123'456'790);
  EXPECT_THAT(allWarnings(*file), IsEmpty());
}

TEST(CaptureFile, SaysThatThereIsNoTcp) {
  PcapBytes pcap(101);  // raw IP, which these packets are not
  pcap.add(ethernet(ipSegment(99, "", true))).add(ethernet(ipSegment(100, "abc")));
  const auto file = readBytes(pcap.bytes());
  ASSERT_TRUE(file) << file.error();
  EXPECT_THAT(file->connections, IsEmpty());
  EXPECT_THAT(file->warnings, ElementsAre("none of 2 packets is of TCP: there is nothing to read"));
}

TEST(CaptureFile, ReadsMicrosecondsAndTheOtherByteOrder) {
  for (const bool big_endian : {false, true}) {
    PcapBytes pcap(1, PcapBytes::kMicroseconds, big_endian);
    pcap.add(ethernet(ipSegment(100, "abc")), 7, 5).add(ethernet(ipSegment(103, "def")), 7, 6);
    const auto file = readBytes(pcap.bytes());
    ASSERT_TRUE(file) << file.error();
    EXPECT_EQ(file->start_time_ns, 7'000'005'000);
    EXPECT_EQ(file->connections.at(0).chunks.at(1).stamp.time_ns, 1000);
  }
}

TEST(CaptureFile, ReadsEveryLinkType) {
  const auto ip = ipSegment(100, "abc");
  std::vector<std::byte> cooked(14);
  appendBig16(cooked, 0x0800);
  std::vector<std::byte> cooked2;
  appendBig16(cooked2, 0x0800);
  cooked2.resize(20);
  const auto loopback = bytesOf(std::string_view("\0\0\0\x02", 4));
  struct Case {
    std::uint32_t link_type;
    std::vector<std::byte> packet;
  };
  for (const Case& each :
       {Case{1, ethernet(ip)}, Case{113, joined(cooked, ip)}, Case{276, joined(cooked2, ip)},
        Case{0, joined(loopback, ip)}, Case{108, joined(loopback, ip)}, Case{101, ip}, Case{228, ip}}) {
    const auto file = readBytes(PcapBytes(each.link_type).add(each.packet).bytes());
    ASSERT_TRUE(file) << file.error();
    ASSERT_EQ(file->connections.size(), 1U) << "link type " << each.link_type;
    EXPECT_EQ(textFrom(file->connections[0], Peer::initiator), "abc");
  }
  const auto payload = bytesOf("abc");
  const auto ipv6 = buildIpPacket({.source = *TcpAddress::parse("::1", 1),
                                   .destination = *TcpAddress::parse("::2", 2),
                                   .payload = payload});
  const auto file = readBytes(PcapBytes(229).add(ipv6).bytes());
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(toString(file->connections.at(0).initiator), "[::1]:1");
}

TEST(CaptureFile, AnUnknownLinkTypeIsAnErrorThatNamesTheSupportedOnes) {
  const auto file = readBytes(PcapBytes(105).bytes());
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error(),
              AllOf(HasSubstr("link type 105 (IEEE802_11) is not supported"), HasSubstr("Ethernet")));
}

TEST(CaptureFile, IsReadFromMemoryAsFromAFile) {
  PcapBytes pcap;
  const std::vector<std::byte> bytes = pcap.add(ethernet(ipSegment(1000, "abc"))).bytes();
  const auto file = readCapture(bytes, "memory");
  ASSERT_TRUE(file) << file.error();
  ASSERT_EQ(file->connections.size(), 1U);
  EXPECT_EQ(textFrom(file->connections[0], Peer::initiator), "abc");
  EXPECT_THAT(readCapture({}, "memory").error(), HasSubstr("memory: not a capture file: it is empty"));
  EXPECT_THAT(readCapture(std::span(bytes).first(10), "memory").error(), HasSubstr("memory: not a readable"));
}

TEST(CaptureFile, AFileThatCannotBeReadIsAnErrorThatNamesIt) {
  const auto missing = readCaptureFile("/nonexistent/some.pcap");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error(), AllOf(HasSubstr("/nonexistent/some.pcap"), HasSubstr("No such file")));

  const auto folder = readCaptureFile(::testing::TempDir());
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error(), HasSubstr(::testing::TempDir()));

  const auto empty = readBytes({});
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error(), HasSubstr("it is empty"));

  const auto garbage = readBytes(bytesOf("GET / HTTP/1.1\r\nHost: nobody\r\n\r\n"));
  ASSERT_FALSE(garbage);
  EXPECT_THAT(garbage.error(), HasSubstr("not a readable pcap or pcapng file"));

  const auto header = threePackets().bytes();
  const auto cut_header = readBytes(std::span(header).first(11));
  ASSERT_FALSE(cut_header);
  EXPECT_THAT(cut_header.error(), HasSubstr("not a readable pcap"));
}

TEST(CaptureFile, AFileWithoutPacketsIsNoError) {
  const auto file = readBytes(PcapBytes().bytes());
  ASSERT_TRUE(file) << file.error();
  EXPECT_THAT(file->connections, IsEmpty());
  EXPECT_EQ(file->packets, 0U);
  EXPECT_THAT(file->warnings, IsEmpty());
}

// Wherever a file is cut off: what is whole before is given, and the place is named.
TEST(CaptureFile, ACutOffFileGivesItsWholePackets) {
  const PcapBytes pcap = threePackets();
  const std::size_t record = 16 + 14 + 40;
  for (std::size_t length = 24; length < pcap.bytes().size(); ++length) {
    const auto file = readBytes(std::span(pcap.bytes()).first(length));
    ASSERT_TRUE(file) << file.error();
    const std::size_t whole = length < 24 + record ? 0 : length < 24 + 2 * record + 3 ? 1 : 2;
    const std::size_t offset = whole == 0 ? 24 : whole == 1 ? 24 + record : 24 + 2 * record + 3;
    EXPECT_EQ(file->packets, whole);
    if (length == offset) {
      EXPECT_THAT(file->warnings, IsEmpty());
    } else {
      EXPECT_THAT(file->warnings, ElementsAre(AllOf(HasSubstr("after packet " + std::to_string(whole)),
                                                    HasSubstr("file offset " + std::to_string(offset)),
                                                    HasSubstr("truncated"))));
    }
  }
}

TEST(CaptureFile, ADamagedRecordEndsTheFileWithAWarning) {
  auto bytes = threePackets().bytes();
  std::memset(bytes.data() + 24 + 70 + 8, 0xff, 4);  // the second packet's captured length
  const auto file = readBytes(bytes);
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->packets, 1U);
  EXPECT_THAT(file->warnings,
              ElementsAre(AllOf(HasSubstr("after packet 1 (file offset 94)"), HasSubstr("is lost"))));
}

void appendLittle32(std::vector<std::byte>& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::byte>(value >> shift & 0xffU));
}

void appendBlock(std::vector<std::byte>& out, std::uint32_t type, std::vector<std::byte> body) {
  body.resize((body.size() + 3) / 4 * 4);
  const auto size = static_cast<std::uint32_t>(body.size() + 12);
  appendLittle32(out, type);
  appendLittle32(out, size);
  out.insert(out.end(), body.begin(), body.end());
  appendLittle32(out, size);
}

/// A pcapng file with one interface of nanosecond resolution.
std::vector<std::byte> pcapng(const std::vector<std::vector<std::byte>>& packets) {
  std::vector<std::byte> out;
  std::vector<std::byte> section;
  appendLittle32(section, 0x1a2b3c4d);
  appendLittle32(section, 1);  // version 1.0
  appendLittle32(section, 0xffffffff);
  appendLittle32(section, 0xffffffff);
  appendBlock(out, 0x0a0d0d0a, section);
  std::vector<std::byte> interface;
  appendLittle32(interface, 1);  // Ethernet
  appendLittle32(interface, 262144);
  appendLittle32(interface, 0x00010009);  // option if_tsresol, 1 byte:
  appendLittle32(interface, 9);           // 10^-9 s
  appendLittle32(interface, 0);
  appendBlock(out, 1, interface);
  std::uint32_t time_ns = 1'000'000'000;
  for (const auto& packet : packets) {
    std::vector<std::byte> body;
    appendLittle32(body, 0);
    appendLittle32(body, 0);
    appendLittle32(body, time_ns++);
    appendLittle32(body, static_cast<std::uint32_t>(packet.size()));
    appendLittle32(body, static_cast<std::uint32_t>(packet.size()));
    appendBlock(out, 6, joined(std::move(body), packet));
  }
  return out;
}

TEST(CaptureFile, ReadsPcapngWithNanoseconds) {
  const auto file = readBytes(pcapng({ethernet(ipSegment(100, "abc")), ethernet(ipSegment(103, "def"))}));
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->start_time_ns, 1'000'000'000);
  EXPECT_EQ(textFrom(file->connections.at(0), Peer::initiator), "abcdef");
  EXPECT_EQ(file->connections[0].chunks.at(1).stamp.time_ns, 1);
  EXPECT_THAT(allWarnings(*file), IsEmpty());
}

TEST(CaptureFile, ABrokenPcapngBlockEndsTheFileWithAWarning) {
  const auto first = pcapng({ethernet(ipSegment(100, "abc"))});
  auto bytes = pcapng({ethernet(ipSegment(100, "abc")), ethernet(ipSegment(103, "def"))});
  std::memset(bytes.data() + first.size() + 4, 0x01, 4);  // the second packet's block length
  const auto file = readBytes(bytes);
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(textFrom(file->connections.at(0), Peer::initiator), "abc");
  EXPECT_THAT(file->warnings,
              ElementsAre(HasSubstr("after packet 1 (file offset " + std::to_string(first.size()) + ")")));
}

TEST(CaptureFile, WarnsOfPacketsThatWereCapturedShorter) {
  PcapBytes pcap;
  auto packet = ethernet(ipSegment(100, "abcdef"));
  const std::size_t wire_length = packet.size();
  packet.resize(wire_length - 4);
  pcap.add(packet, 1, 0, wire_length).add(ethernet(ipSegment(106, "ghi")));
  const auto file = readBytes(pcap.bytes());
  ASSERT_TRUE(file) << file.error();
  EXPECT_THAT(
      allWarnings(*file),
      ElementsAre(AllOf(HasSubstr("1 packets were captured shorter"), HasSubstr("packet 1 (56 of 60 bytes")),
                  AllOf(HasSubstr("connection 0 (10.0.0.1:40000 → 10.0.0.2:38400): "),
                        HasSubstr("4 bytes lost at offset 2"))));
}

TEST(CaptureFile, WarnsOfFragmentsAndDamagedPackets) {
  auto fragment = ethernet(ipSegment(100, "abc"));
  fragment[14 + 6] = std::byte{0x20};
  auto damaged = ethernet(ipSegment(100, "abc"));
  damaged[14 + 32] = std::byte{0};
  auto udp = ethernet(ipSegment(100, "abc"));
  udp[14 + 9] = std::byte{17};
  PcapBytes pcap;
  pcap.add(udp).add(fragment).add(fragment).add(damaged);
  const auto file = readBytes(pcap.bytes());
  ASSERT_TRUE(file) << file.error();
  EXPECT_THAT(
      file->warnings,
      ElementsAre(HasSubstr("2 IP fragments of TCP packets were not put together, the first is packet 2"),
                  HasSubstr("1 packets with damaged headers were left out, the first is packet "
                            "4: a TCP header length below 20")));
  EXPECT_THAT(file->connections, IsEmpty());
}

TEST(CaptureFile, StopsAtMaxStreamBytes) {
  CaptureLimits limits;
  limits.max_stream_bytes = 4;
  const auto file = readBytes(threePackets().bytes(), limits);
  ASSERT_TRUE(file) << file.error();
  EXPECT_THAT(file->warnings, ElementsAre(HasSubstr("max_stream_bytes (4) reached at packet 3")));
}

TEST(CaptureFile, WildTimesDoNotOverflow) {
  PcapBytes pcap;
  pcap.add(ethernet(ipSegment(100, "abc")), 0xffffffff, 0xffffffff)
      .add(ethernet(ipSegment(103, "def")), 0, 0);
  const auto file = readBytes(pcap.bytes());
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->connections.at(0).chunks.at(1).stamp.time_ns, -file->start_time_ns);
}

}  // namespace
}  // namespace jitrig
