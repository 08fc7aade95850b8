#include "capture/pcap_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "capture/capture_file.h"
#include "capture/network_order.h"
#include "capture/packet_builder_test_support.h"
#include "capture/packet_file.h"
#include "capture/tcp_frame.h"

namespace jitrig {
namespace {

using test::bytesOf;
using test::clientAddress;
using test::serverAddress;
using test::TemporaryFile;
using test::textFrom;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kStart = 1'790'000'000'123'456'789;

/// The one's complement sum that a receiver forms: 0xffff if the checksum in `bytes` is right.
std::uint32_t receiverSum(std::span<const std::byte> bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += std::to_integer<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8U : 0U);
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  return sum;
}

void expectRightChecksums(const std::string& path) {
  auto file = PacketFile::open(path);
  ASSERT_TRUE(file) << file.error();
  CapturedPacket packet;
  while (file->next(packet)) {
    const bool is_ipv6 = readBig16(packet.bytes, 12) == 0x86dd;
    const auto ip = packet.bytes.subspan(14);
    if (!is_ipv6) {
      EXPECT_EQ(receiverSum(ip.first(20)), 0xffffU) << "packet " << packet.number;
    }
    const auto addresses = is_ipv6 ? ip.subspan(8, 32) : ip.subspan(12, 8);
    const auto tcp = ip.subspan(is_ipv6 ? 40 : 20);
    const auto length_and_protocol = static_cast<std::uint32_t>(tcp.size()) + 6;
    EXPECT_EQ(receiverSum(tcp, receiverSum(addresses, length_and_protocol)), 0xffffU)
        << "packet " << packet.number;
  }
}

TEST(PcapWriter, WritesWhatOurReaderReads) {
  const TemporaryFile file;
  {
    auto writer = PcapWriter::create(file.path(), {.start_time_ns = kStart});
    ASSERT_TRUE(writer) << writer.error();
    ASSERT_TRUE(writer->open(7, clientAddress(), serverAddress(), 0));
    ASSERT_TRUE(writer->data(7, Peer::initiator, bytesOf("request"), 1000));
    ASSERT_TRUE(writer->data(7, Peer::responder, bytesOf("query"), 2001));
    ASSERT_TRUE(writer->data(7, Peer::initiator, {}, 2002));
    ASSERT_TRUE(writer->close(7, Peer::initiator, StreamEnd::fin, 3000));
    ASSERT_TRUE(writer->data(7, Peer::responder, bytesOf("last words"), 3500));
    ASSERT_TRUE(writer->close(7, Peer::responder, StreamEnd::fin, 4000));
    ASSERT_TRUE(writer->open(7, clientAddress(), serverAddress(), 5000));
    ASSERT_TRUE(writer->close(7, Peer::responder, StreamEnd::reset, 6000));
  }
  const auto read = readCaptureFile(file.path());
  ASSERT_TRUE(read) << read.error();
  EXPECT_THAT(allWarnings(*read), IsEmpty());
  EXPECT_EQ(read->start_time_ns, kStart);
  ASSERT_EQ(read->connections.size(), 2U);
  const CapturedConnection& connection = read->connections[0];
  EXPECT_EQ(connection.initiator, clientAddress());
  EXPECT_TRUE(connection.hasStart(Peer::responder));
  EXPECT_EQ(textFrom(connection, Peer::initiator), "request");
  EXPECT_EQ(textFrom(connection, Peer::responder), "querylast words");
  EXPECT_EQ(connection.chunks.at(1).stamp.time_ns, 2001);
  EXPECT_EQ(connection.end(Peer::initiator).how, StreamEnd::fin);
  EXPECT_EQ(connection.end(Peer::initiator).stamp.time_ns, 3000);
  EXPECT_EQ(connection.end(Peer::responder).how, StreamEnd::fin);
  EXPECT_EQ(read->connections[1].end(Peer::responder).how, StreamEnd::reset);
  EXPECT_EQ(read->connections[1].end(Peer::initiator).how, StreamEnd::open);
  expectRightChecksums(file.path());
}

TEST(PcapWriter, WritesIpv6) {
  const TemporaryFile file;
  {
    auto writer = PcapWriter::create(file.path());
    ASSERT_TRUE(writer) << writer.error();
    ASSERT_TRUE(writer->open(0, *TcpAddress::parse("::1", 40000), *TcpAddress::parse("::1", 38400), 0));
    ASSERT_TRUE(writer->data(0, Peer::initiator, bytesOf("odd"), 1));
    ASSERT_TRUE(writer->data(0, Peer::responder, bytesOf("even"), 1));
  }
  const auto read = readCaptureFile(file.path());
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(toString(read->connections.at(0).responder), "[::1]:38400");
  EXPECT_EQ(textFrom(read->connections[0], Peer::initiator), "odd");
  EXPECT_THAT(allWarnings(*read), IsEmpty());
  expectRightChecksums(file.path());
}

TEST(PcapWriter, CutsLargeDataIntoSegments) {
  const std::string text = [] {
    std::string result;
    for (int i = 0; i < 200'000; ++i) result += static_cast<char>(i * 7 % 251);
    return result;
  }();
  struct Case {
    std::size_t max_segment_bytes;
    std::size_t segments;
  };
  for (const Case each : {Case{1448, 139}, Case{kMaxSegmentBytes, 4}}) {
    const TemporaryFile file;
    {
      auto writer = PcapWriter::create(file.path(), {.max_segment_bytes = each.max_segment_bytes});
      ASSERT_TRUE(writer) << writer.error();
      ASSERT_TRUE(writer->open(0, clientAddress(), serverAddress(), 0));
      ASSERT_TRUE(writer->data(0, Peer::responder, bytesOf(text), 1));
    }
    const auto read = readCaptureFile(file.path());
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->connections.at(0).chunks.size(), each.segments);
    EXPECT_EQ(textFrom(read->connections[0], Peer::responder), text);
    EXPECT_THAT(allWarnings(*read), IsEmpty());
    expectRightChecksums(file.path());
  }
}

TEST(PcapWriter, WritesToAStreamToo) {
  std::ostringstream out;
  {
    auto writer = PcapWriter::over(out, "the recording");
    ASSERT_TRUE(writer) << writer.error();
    ASSERT_TRUE(writer->open(0, clientAddress(), serverAddress(), 0));
  }
  EXPECT_EQ(out.str().size(), 24U + 3 * (16 + 14 + 40));
  EXPECT_EQ(out.str().substr(0, 4), "\x4d\x3c\xb2\xa1");
}

TEST(PcapWriter, FlushesEachEventIfAsked) {
  const TemporaryFile file;
  auto writer = PcapWriter::create(file.path(), {.flush_each_event = true});
  ASSERT_TRUE(writer) << writer.error();
  EXPECT_EQ(file.read().size(), 24U);
  ASSERT_TRUE(writer->open(0, clientAddress(), serverAddress(), 0));
  EXPECT_EQ(file.read().size(), 24U + 3 * 70);
  ASSERT_TRUE(writer->data(0, Peer::initiator, bytesOf("abc"), 0));
  EXPECT_EQ(file.read().size(), 24U + 4 * 70 + 3);
}

TEST(PcapWriter, FlushesWhenAsked) {
  const TemporaryFile file;
  auto writer = PcapWriter::create(file.path());
  ASSERT_TRUE(writer) << writer.error();
  ASSERT_TRUE(writer->open(0, clientAddress(), serverAddress(), 0));
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(file.read().size(), 24U + 3 * 70);
}

TEST(PcapWriter, NamesAFileThatCannotBeMade) {
  const auto writer = PcapWriter::create("/nonexistent/recording.pcap");
  ASSERT_FALSE(writer);
  EXPECT_THAT(writer.error(), AllOf(HasSubstr("/nonexistent/recording.pcap"), HasSubstr("No such file")));
}

TEST(PcapWriter, NamesAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  const auto at_once = PcapWriter::create("/dev/full", {.flush_each_event = true});
  ASSERT_FALSE(at_once);
  EXPECT_THAT(at_once.error(), AllOf(HasSubstr("/dev/full"), HasSubstr("No space left")));
  auto later = PcapWriter::create("/dev/full");
  ASSERT_TRUE(later);
  ASSERT_TRUE(later->open(0, clientAddress(), serverAddress(), 0));
  const auto flushed = later->flush();
  ASSERT_FALSE(flushed);
  EXPECT_THAT(flushed.error(), HasSubstr("No space left"));
}

TEST(PcapWriter, NamesABrokenStream) {
  std::ostringstream out;
  auto writer = PcapWriter::over(out, "the recording");
  ASSERT_TRUE(writer);
  out.setstate(std::ios::badbit);
  const auto opened = writer->open(0, clientAddress(), serverAddress(), 0);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error(), HasSubstr("the recording: writing failed"));
}

std::string errorOf(const PcapWriter::Result& result) {
  return result ? "no error" : result.error();
}

TEST(PcapWriter, RefusesEventsThatMakeNoSense) {
  std::ostringstream out;
  auto writer = PcapWriter::over(out, "x");
  ASSERT_TRUE(writer);
  EXPECT_THAT(errorOf(writer->data(3, Peer::initiator, bytesOf("a"), 0)),
              HasSubstr("connection 3 was not opened"));
  EXPECT_THAT(errorOf(writer->open(3, clientAddress(), *TcpAddress::parse("::1", 1), 0)),
              HasSubstr("would mix IPv4 and IPv6"));
  ASSERT_TRUE(writer->open(3, clientAddress(), serverAddress(), 0));
  EXPECT_THAT(errorOf(writer->open(3, clientAddress(), serverAddress(), 0)),
              HasSubstr("connection 3 is open already"));
  EXPECT_THAT(errorOf(writer->close(3, Peer::initiator, StreamEnd::open, 0)),
              HasSubstr("closes by fin or reset"));
  ASSERT_TRUE(writer->close(3, Peer::initiator, StreamEnd::fin, 0));
  EXPECT_THAT(errorOf(writer->data(3, Peer::initiator, bytesOf("a"), 0)), HasSubstr("closed already"));
  ASSERT_TRUE(writer->close(3, Peer::responder, StreamEnd::reset, 0));
  EXPECT_THAT(errorOf(writer->close(3, Peer::responder, StreamEnd::fin, 0)), HasSubstr("closed already"));
}

TEST(PcapWriter, RefusesTimesThatDoNotFit) {
  std::ostringstream out;
  auto writer = PcapWriter::over(out, "x", {.start_time_ns = 10});
  ASSERT_TRUE(writer);
  for (const std::int64_t time_ns : {std::int64_t{-11}, INT64_MAX - 5, INT64_MAX - 10}) {
    EXPECT_THAT(errorOf(writer->open(0, clientAddress(), serverAddress(), time_ns)),
                HasSubstr("does not fit"));
  }
}

TEST(PcapWriter, RefusesSegmentSizesThatDoNotFit) {
  std::ostringstream out;
  for (const std::size_t size : {std::size_t{0}, kMaxSegmentBytes + 1}) {
    const auto writer = PcapWriter::over(out, "x", {.max_segment_bytes = size});
    ASSERT_FALSE(writer);
    EXPECT_THAT(writer.error(), HasSubstr("must be 1 to 65495"));
  }
  EXPECT_FALSE(PcapWriter::create("/nonexistent/x", {.max_segment_bytes = 0}));
  EXPECT_TRUE(out.str().empty());
}

}  // namespace
}  // namespace jitrig
