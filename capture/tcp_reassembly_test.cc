#include "capture/tcp_reassembly.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/packet_builder_test_support.h"

namespace jitrig {
namespace {

using test::bytesOf;
using test::clientAddress;
using test::serverAddress;
using test::textFrom;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr bool kFromClient = true;
constexpr bool kFromServer = false;

/// Segments between one client and the server, written as a conversation.
class TcpReassemblyTest : public ::testing::Test {
 protected:
  bool add(TcpSegment segment, bool from_client, std::uint16_t client_port = 40000) {
    segment.source = from_client ? clientAddress(client_port) : serverAddress();
    segment.destination = from_client ? serverAddress() : clientAddress(client_port);
    ++packet_;
    return reassembly_.add(segment, {static_cast<std::int64_t>(packet_) * 10, packet_});
  }

  void syn(std::uint32_t sequence, std::uint16_t port = 40000) {
    add({.sequence = sequence, .syn = true}, kFromClient, port);
  }
  void synAck(std::uint32_t sequence, std::uint32_t acknowledgement, std::uint16_t port = 40000) {
    add({.sequence = sequence, .acknowledgement = acknowledgement, .syn = true, .ack = true}, kFromServer,
        port);
  }
  void data(bool from_client, std::uint32_t sequence, std::string_view text, std::uint16_t port = 40000) {
    const auto payload = bytesOf(text);
    add({.sequence = sequence, .payload = payload}, from_client, port);
  }
  void fin(bool from_client, std::uint32_t sequence) {
    add({.sequence = sequence, .fin = true}, from_client);
  }
  void reset(bool from_client, std::uint32_t sequence) {
    add({.sequence = sequence, .rst = true}, from_client);
  }

  const std::vector<CapturedConnection>& finish() {
    result_ = reassembly_.finish();
    return result_.connections;
  }

  CaptureLimits limits_;
  TcpReassembly reassembly_{limits_};
  TcpReassembly::Result result_;
  std::uint64_t packet_ = 0;
};

TEST_F(TcpReassemblyTest, OneConnectionInGoodOrder) {
  syn(99);
  synAck(499, 100);
  data(kFromClient, 100, "request");
  data(kFromServer, 500, "query");
  data(kFromClient, 107, "reply");
  fin(kFromClient, 112);
  fin(kFromServer, 505);
  const auto& connections = finish();
  ASSERT_EQ(connections.size(), 1U);
  const CapturedConnection& connection = connections[0];
  EXPECT_EQ(connection.index, 0U);
  EXPECT_EQ(connection.initiator, clientAddress());
  EXPECT_EQ(connection.responder, serverAddress());
  EXPECT_TRUE(connection.had_syn);
  EXPECT_TRUE(connection.hasStart(Peer::initiator));
  EXPECT_TRUE(connection.hasStart(Peer::responder));
  EXPECT_EQ(textFrom(connection, Peer::initiator), "requestreply");
  EXPECT_EQ(textFrom(connection, Peer::responder), "query");
  ASSERT_EQ(connection.chunks.size(), 3U);
  EXPECT_EQ(connection.chunks[1].sender, Peer::responder);
  EXPECT_EQ(connection.chunks[1].stamp.time_ns, 40);
  EXPECT_EQ(connection.end(Peer::initiator).how, StreamEnd::fin);
  EXPECT_EQ(connection.end(Peer::initiator).stamp.packet, 6U);
  EXPECT_EQ(connection.end(Peer::responder).how, StreamEnd::fin);
  EXPECT_THAT(connection.warnings, IsEmpty());
  EXPECT_THAT(result_.warnings, IsEmpty());
}

TEST_F(TcpReassemblyTest, DirectionsInTheOrderInWhichTheyBecameReadable) {
  syn(99);
  synAck(499, 100);
  data(kFromClient, 103, "def");
  data(kFromServer, 500, "query");
  data(kFromClient, 100, "abc");
  const auto& chunks = finish()[0].chunks;
  ASSERT_EQ(chunks.size(), 3U);
  EXPECT_EQ(chunks[0].sender, Peer::responder);
  EXPECT_EQ(chunks[1].sender, Peer::initiator);
}

TEST_F(TcpReassemblyTest, ASynAckNamesTheInitiator) {
  synAck(499, 100);
  data(kFromClient, 100, "a");
  const auto& connections = finish();
  ASSERT_EQ(connections.size(), 1U);
  EXPECT_EQ(connections[0].initiator, clientAddress());
  EXPECT_TRUE(connections[0].had_syn);
  EXPECT_TRUE(connections[0].hasStart(Peer::initiator));
  EXPECT_EQ(textFrom(connections[0], Peer::initiator), "a") << "what it acknowledges is the first byte";
  EXPECT_THAT(connections[0].warnings, IsEmpty());
}

TEST_F(TcpReassemblyTest, WithoutASynTheFirstSenderIsTheInitiator) {
  data(kFromServer, 500, "query");
  data(kFromClient, 100, "reply");
  const auto& connections = finish();
  ASSERT_EQ(connections.size(), 1U);
  EXPECT_EQ(connections[0].initiator, serverAddress());
  EXPECT_FALSE(connections[0].had_syn);
  EXPECT_FALSE(connections[0].hasStart(Peer::initiator));
}

TEST_F(TcpReassemblyTest, RepeatedSynsAreOneConnection) {
  syn(99);
  syn(99);
  synAck(499, 100);
  synAck(499, 100);
  EXPECT_EQ(finish().size(), 1U);
}

TEST_F(TcpReassemblyTest, DataInTheSynCounts) {
  const auto payload = bytesOf("early");
  add({.sequence = 99, .syn = true, .payload = payload}, kFromClient);
  data(kFromClient, 105, "later");
  EXPECT_EQ(textFrom(finish()[0], Peer::initiator), "earlylater");
}

TEST_F(TcpReassemblyTest, SimultaneousOpenIsOneConnection) {
  syn(99);
  add({.sequence = 499, .syn = true}, kFromServer);
  data(kFromServer, 500, "b");
  data(kFromClient, 100, "a");
  const auto& connections = finish();
  ASSERT_EQ(connections.size(), 1U);
  EXPECT_EQ(textFrom(connections[0], Peer::initiator), "a");
  EXPECT_EQ(textFrom(connections[0], Peer::responder), "b");
}

TEST_F(TcpReassemblyTest, ALateSynBelongsToItsData) {
  data(kFromClient, 100, "abc");
  syn(99);
  const auto& connections = finish();
  ASSERT_EQ(connections.size(), 1U);
  EXPECT_TRUE(connections[0].hasStart(Peer::initiator));
}

TEST_F(TcpReassemblyTest, TheSameAddressesAgainAfterTheEnd) {
  syn(99);
  data(kFromClient, 100, "one");
  fin(kFromClient, 103);
  fin(kFromServer, 500);
  syn(99);  // even with the same number
  data(kFromClient, 100, "two");
  reset(kFromServer, 500);
  syn(7000);
  data(kFromClient, 7001, "three");
  const auto& connections = finish();
  ASSERT_EQ(connections.size(), 3U);
  EXPECT_EQ(textFrom(connections[0], Peer::initiator), "one");
  EXPECT_EQ(textFrom(connections[1], Peer::initiator), "two");
  EXPECT_EQ(connections[1].end(Peer::responder).how, StreamEnd::reset);
  EXPECT_EQ(textFrom(connections[2], Peer::initiator), "three");
  EXPECT_THAT(connections[0].warnings, IsEmpty());
}

TEST_F(TcpReassemblyTest, ANewSynEndsAConnectionThatWasNotSeenToEnd) {
  syn(99);
  data(kFromClient, 100, "one");
  syn(7000);
  data(kFromClient, 7001, "two");
  const auto& connections = finish();
  ASSERT_EQ(connections.size(), 2U);
  EXPECT_EQ(connections[0].end(Peer::initiator).how, StreamEnd::open);
  EXPECT_THAT(connections[0].warnings, ElementsAre(HasSubstr("began before this one was closed")));
}

TEST_F(TcpReassemblyTest, DataThatCannotBelongToTheClosedConnectionBeginsANewOne) {
  syn(99);
  data(kFromClient, 100, "one");
  fin(kFromClient, 103);
  fin(kFromServer, 500);
  data(kFromClient, 100, "one");            // a retransmission
  data(kFromClient, 1'000'000, "another");  // its SYN was lost
  const auto& connections = finish();
  ASSERT_EQ(connections.size(), 2U);
  EXPECT_EQ(textFrom(connections[1], Peer::initiator), "another");
  EXPECT_FALSE(connections[1].had_syn);
}

TEST_F(TcpReassemblyTest, ConnectionsAreNumberedByTheirFirstPacket) {
  syn(1, 40002);
  syn(1, 40001);
  data(kFromClient, 2, "b", 40001);
  data(kFromClient, 2, "a", 40002);
  const auto& connections = finish();
  ASSERT_EQ(connections.size(), 2U);
  EXPECT_EQ(connections[0].initiator.port, 40002);
  EXPECT_EQ(connections[1].index, 1U);
  EXPECT_EQ(connections[1].first_packet.packet, 2U);
}

TEST_F(TcpReassemblyTest, AResetPayloadIsNotData) {
  syn(99);
  data(kFromClient, 100, "abc");
  const auto reason = bytesOf("go away");
  add({.sequence = 103, .rst = true, .payload = reason}, kFromClient);
  const auto& connections = finish();
  EXPECT_EQ(textFrom(connections[0], Peer::initiator), "abc");
  EXPECT_EQ(connections[0].end(Peer::initiator).how, StreamEnd::reset);
}

TEST_F(TcpReassemblyTest, AResetAloneIsNoConnection) {
  reset(kFromServer, 0);
  EXPECT_THAT(finish(), IsEmpty());
}

TEST_F(TcpReassemblyTest, AConnectionToItselfIsNamed) {
  TcpSegment segment{.source = serverAddress(), .destination = serverAddress(), .sequence = 99, .syn = true};
  reassembly_.add(segment, {1, 1});
  segment.ack = true;
  reassembly_.add(segment, {2, 2});
  const auto payload = bytesOf("abc");
  segment.syn = false;
  segment.payload = payload;
  reassembly_.add(segment, {3, 3});
  const auto& connections = finish();
  ASSERT_EQ(connections.size(), 1U);
  EXPECT_THAT(connections[0].chunks, IsEmpty());
  EXPECT_THAT(connections[0].warnings, ElementsAre(HasSubstr("connected to itself")));
}

TEST_F(TcpReassemblyTest, LossesAreNamedWithTheirDirection) {
  syn(99);
  synAck(499, 100);
  data(kFromServer, 510, "late");
  const auto& connections = finish();
  EXPECT_THAT(connections[0].warnings,
              ElementsAre(HasSubstr("responder→initiator: 10 bytes lost at offset 0")));
  ASSERT_EQ(connections[0].gaps.size(), 1U);
  EXPECT_EQ(connections[0].gaps[0].sender, Peer::responder);
}

TEST(TcpReassemblyLimits, FurtherConnectionsAreLeftOut) {
  CaptureLimits limits;
  limits.max_connections = 2;
  TcpReassembly reassembly(limits);
  for (std::uint16_t port = 1; port <= 4; ++port) {
    reassembly.add({.source = clientAddress(port), .destination = serverAddress(), .syn = true},
                   {port, port});
  }
  const auto result = reassembly.finish();
  EXPECT_EQ(result.connections.size(), 2U);
  EXPECT_THAT(result.warnings,
              ElementsAre(HasSubstr("max_connections (2) connections: 2 packets of later ones were left "
                                    "out, the first is packet 3")));
}

TEST(TcpReassemblyLimits, SaysWhenEnoughBytesAreKept) {
  CaptureLimits limits;
  limits.max_stream_bytes = 5;
  TcpReassembly reassembly(limits);
  const auto payload = bytesOf("abc");
  TcpSegment segment{
      .source = clientAddress(), .destination = serverAddress(), .sequence = 1, .payload = payload};
  EXPECT_TRUE(reassembly.add(segment, {1, 1}));
  EXPECT_TRUE(reassembly.add(segment, {2, 2}));  // repeated: not kept
  segment.sequence = 4;
  EXPECT_FALSE(reassembly.add(segment, {3, 3}));
}

}  // namespace
}  // namespace jitrig
