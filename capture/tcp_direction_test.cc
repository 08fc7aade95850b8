#include "capture/tcp_direction.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/packet_builder_test_support.h"
#include "protocol/runtime/random_stream.h"

namespace jitrig {
namespace {

using test::bytesOf;
using test::textOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One direction fed by hand: each segment is the next packet, and its time is ten times its number.
class TcpDirectionTest : public ::testing::Test {
 protected:
  void segment(std::uint32_t sequence, std::string_view text, std::size_t missing = 0) {
    direction_.onSegment(sequence, bytesOf(text), missing, nextStamp());
  }

  PacketStamp nextStamp() {
    ++packet_;
    return {static_cast<std::int64_t>(packet_) * 10, packet_};
  }

  std::string stream() {
    std::string result;
    for (const CapturedChunk& chunk : direction_.chunks()) {
      if (chunk.lost_before > 0) result += "[" + std::to_string(chunk.lost_before) + "]";
      result += textOf(chunk.bytes);
    }
    return result;
  }

  std::vector<std::uint64_t> packets() {
    std::vector<std::uint64_t> result;
    for (const CapturedChunk& chunk : direction_.chunks()) result.push_back(chunk.stamp.packet);
    return result;
  }

  CaptureLimits limits_;
  TcpDirection direction_{Peer::initiator, limits_};
  std::uint64_t packet_ = 0;
};

TEST_F(TcpDirectionTest, GivesSegmentsInOrder) {
  direction_.onSyn(99);
  segment(100, "abc");
  segment(103, "def");
  direction_.finish();
  EXPECT_EQ(stream(), "abcdef");
  EXPECT_THAT(packets(), ElementsAre(1, 2));
  EXPECT_EQ(direction_.chunks()[1].offset, 3U);
  EXPECT_EQ(direction_.chunks()[1].stamp.time_ns, 20);
  EXPECT_TRUE(direction_.hasStart());
  EXPECT_THAT(direction_.warnings(), IsEmpty());
}

TEST_F(TcpDirectionTest, PutsReorderedSegmentsInOrderWithTheTimeOfTheLateOne) {
  direction_.onSyn(99);
  segment(106, "ghi");
  segment(103, "def");
  segment(100, "abc");
  segment(109, "jkl");
  direction_.finish();
  EXPECT_EQ(stream(), "abcdefghijkl");
  EXPECT_THAT(packets(), ElementsAre(3, 3, 3, 4));
  EXPECT_THAT(direction_.gaps(), IsEmpty());
  EXPECT_THAT(direction_.warnings(), IsEmpty());
}

TEST_F(TcpDirectionTest, ALateByteIsNoKeepAliveProbe) {
  direction_.onSyn(99);
  segment(103, "def");
  for (const auto& [sequence, text] : {std::pair{101U, "b"}, {102U, "c"}, {100U, "a"}})
    segment(sequence, text);
  direction_.finish();
  EXPECT_EQ(stream(), "abcdef");
  EXPECT_THAT(direction_.warnings(), IsEmpty());
}

TEST_F(TcpDirectionTest, LeavesRetransmissionsOut) {
  direction_.onSyn(99);
  segment(100, "abc");
  segment(100, "abc");
  segment(103, "def");
  segment(100, "abcdef");
  direction_.finish();
  EXPECT_EQ(stream(), "abcdef");
  EXPECT_THAT(direction_.warnings(), IsEmpty());
}

TEST_F(TcpDirectionTest, TakesOnlyTheNewPartOfAnOverlap) {
  direction_.onSyn(99);
  segment(100, "abc");
  segment(101, "bcde");  // overlaps what was given out
  segment(108, "ij");
  segment(104, "efghijkl");  // around one that waits
  direction_.finish();
  EXPECT_EQ(stream(), "abcdefghijkl");
  EXPECT_THAT(direction_.warnings(), IsEmpty());
}

TEST_F(TcpDirectionTest, FirstCopyWinsAndTheOtherIsWarnedOf) {
  direction_.onSyn(99);
  segment(100, "abc");
  segment(101, "XYde");
  segment(107, "hi");
  segment(105, "fgZZj");
  direction_.finish();
  EXPECT_EQ(stream(), "abcdefghij");
  EXPECT_THAT(
      direction_.warnings(),
      ElementsAre(HasSubstr("2 segments repeat earlier bytes with other contents, first at offset 1")));
}

TEST_F(TcpDirectionTest, FollowsTheSequenceNumberRoundTheEnd) {
  direction_.onSyn(0xfffffffd);
  segment(1, "def");
  segment(0xfffffffe, "abc");
  segment(4, "ghi");
  direction_.finish();
  EXPECT_EQ(stream(), "abcdefghi");
  EXPECT_EQ(direction_.chunks().back().offset, 6U);
}

TEST_F(TcpDirectionTest, FollowsMoreBytesThanThereAreSequenceNumbers) {
  // 5 GiB in steps of 1 GiB: mostly holes, since only positions matter here.
  limits_.max_buffered_out_of_order_bytes = 0;
  direction_.onSyn(0);
  for (std::uint32_t i = 1; i <= 5; ++i) segment(i * 0x40000000U, "x");
  direction_.finish();
  EXPECT_EQ(direction_.chunks().back().offset, std::uint64_t{5} * 0x40000000 - 1);
}

TEST_F(TcpDirectionTest, NamesALossInTheMiddle) {
  direction_.onSyn(99);
  segment(100, "abc");
  segment(110, "klm");
  segment(113, "nop");
  direction_.onAcknowledgement(116);
  direction_.finish();
  EXPECT_EQ(stream(), "abc[7]klmnop");
  EXPECT_THAT(packets(), ElementsAre(1, 2, 3));
  ASSERT_EQ(direction_.gaps().size(), 1U);
  EXPECT_EQ(direction_.gaps()[0].offset, 3U);
  EXPECT_EQ(direction_.gaps()[0].size_bytes, 7U);
  EXPECT_TRUE(direction_.gaps()[0].acknowledged);
  EXPECT_EQ(direction_.chunks()[1].offset, 10U);
  EXPECT_THAT(direction_.warnings(),
              ElementsAre(HasSubstr("initiator→responder: 7 bytes lost at offset 3 (the receiver "
                                    "acknowledged them")));
}

TEST_F(TcpDirectionTest, SaysWhenTheReceiverNeverHadTheLostBytesEither) {
  direction_.onSyn(99);
  segment(100, "abc");
  segment(110, "klm");
  direction_.onAcknowledgement(103);
  direction_.finish();
  EXPECT_FALSE(direction_.gaps().at(0).acknowledged);
  EXPECT_THAT(direction_.warnings(), ElementsAre(HasSubstr("never acknowledged")));
}

TEST_F(TcpDirectionTest, AcknowledgedButUnseenBytesAtTheEndAreLost) {
  direction_.onSyn(99);
  segment(100, "abc");
  direction_.onAcknowledgement(150);
  direction_.finish();
  EXPECT_EQ(stream(), "abc");
  ASSERT_EQ(direction_.gaps().size(), 1U);
  EXPECT_EQ(direction_.gaps()[0].offset, 3U);
  EXPECT_EQ(direction_.gaps()[0].size_bytes, 47U);
}

TEST_F(TcpDirectionTest, AnAcknowledgementBeforeItsDataIsNoLoss) {
  direction_.onSyn(99);
  direction_.onAcknowledgement(106);
  segment(103, "def");
  segment(100, "abc");
  direction_.finish();
  EXPECT_EQ(stream(), "abcdef");
  EXPECT_THAT(direction_.gaps(), IsEmpty());
}

TEST_F(TcpDirectionTest, BytesMissingBeforeTheFinAreLost) {
  direction_.onSyn(99);
  segment(100, "abc");
  direction_.onFin(108, nextStamp());
  direction_.finish();
  ASSERT_EQ(direction_.gaps().size(), 1U);
  EXPECT_EQ(direction_.gaps()[0].size_bytes, 5U);
  EXPECT_EQ(direction_.end().how, StreamEnd::fin);
  EXPECT_EQ(direction_.end().stamp.packet, 2U);
}

TEST_F(TcpDirectionTest, TheAcknowledgedFinIsNoByte) {
  direction_.onSyn(99);
  segment(100, "abc");
  direction_.onFin(103, nextStamp());
  direction_.onAcknowledgement(104);
  direction_.finish();
  EXPECT_THAT(direction_.gaps(), IsEmpty());
}

TEST_F(TcpDirectionTest, AnAcknowledgedFinThatWasNotCapturedIsNoByteEither) {
  direction_.onSyn(99);
  segment(100, "abc");
  direction_.onAcknowledgement(104);
  direction_.finish();
  EXPECT_THAT(direction_.gaps(), IsEmpty());
}

TEST_F(TcpDirectionTest, LeavesOutDataBehindTheFin) {
  direction_.onSyn(99);
  segment(100, "abc");
  direction_.onFin(103, nextStamp());
  segment(103, "more");
  segment(101, "bcd");
  direction_.finish();
  EXPECT_EQ(stream(), "abc");
  EXPECT_THAT(direction_.warnings(), ElementsAre(HasSubstr("2 segments with data behind the FIN")));
}

TEST_F(TcpDirectionTest, TheFirstEndCounts) {
  direction_.onFin(103, nextStamp());
  direction_.onReset(nextStamp());
  EXPECT_EQ(direction_.end().how, StreamEnd::fin);
  TcpDirection other{Peer::responder, limits_};
  other.onReset({5, 6});
  other.onFin(103, {7, 8});
  EXPECT_EQ(other.end().how, StreamEnd::reset);
  EXPECT_EQ(other.end().stamp, (PacketStamp{5, 6}));
}

TEST_F(TcpDirectionTest, KeepAliveProbesAreNoData) {
  direction_.onSyn(99);
  segment(99, "?");  // before the first byte
  segment(100, "abc");
  segment(102, "?");  // one before the next
  segment(102, "");
  segment(103, "def");
  direction_.finish();
  EXPECT_EQ(stream(), "abcdef");
  EXPECT_THAT(direction_.warnings(), IsEmpty());
}

TEST_F(TcpDirectionTest, WithoutASynTheFirstSegmentIsTheStart) {
  segment(5000, "abc");
  segment(5003, "def");
  direction_.finish();
  EXPECT_EQ(stream(), "abcdef");
  EXPECT_EQ(direction_.chunks()[0].offset, 0U);
  EXPECT_THAT(packets(), ElementsAre(1, 2));
  EXPECT_FALSE(direction_.hasStart());
  EXPECT_THAT(direction_.warnings(), IsEmpty());
}

TEST_F(TcpDirectionTest, WithoutASynALowerSegmentThatIsJustLateIsTheStart) {
  segment(5003, "def");
  segment(5000, "abc");
  segment(5006, "ghi");
  direction_.finish();
  EXPECT_EQ(stream(), "abcdefghi");
  EXPECT_EQ(direction_.chunks()[0].offset, 0U);
  EXPECT_THAT(packets(), ElementsAre(2, 2, 3));
}

TEST_F(TcpDirectionTest, WithoutASynTheStartIsSettledOnceEnoughWasSeen) {
  limits_.max_held_start_bytes = 100;
  segment(5000, std::string(60, 'a'));
  segment(5060, std::string(60, 'b'));
  segment(4990, std::string(10, 'z'));
  direction_.finish();
  EXPECT_EQ(stream(), std::string(60, 'a') + std::string(60, 'b'));
}

TEST_F(TcpDirectionTest, WithoutASynAWildSegmentDoesNotMoveTheStart) {
  segment(500'000, "abc");
  segment(100, "wild");
  direction_.finish();
  EXPECT_EQ(stream(), "abc");
  EXPECT_THAT(direction_.warnings(), ElementsAre(HasSubstr("max_held_start_bytes (65536)")));
}

/// The other side's SYN/ACK says where a stream begins, and may lie.
TEST_F(TcpDirectionTest, WhatLiesBeforeALateSynIsLeftOut) {
  segment(100, "abc");
  segment(104, "efgh");
  direction_.onSyn(105);
  direction_.finish();
  EXPECT_EQ(stream(), "gh");
  EXPECT_THAT(direction_.gaps(), IsEmpty());
  EXPECT_THAT(
      direction_.warnings(),
      ElementsAre("initiator→responder: 5 bytes lie before the first one by the SYN, and were left out"));
}

TEST_F(TcpDirectionTest, ALateSynSettlesTheStart) {
  segment(103, "def");
  EXPECT_TRUE(direction_.acceptsLateSyn(99));
  EXPECT_FALSE(direction_.acceptsLateSyn(103));
  EXPECT_FALSE(direction_.acceptsLateSyn(99U - 100'000U));
  direction_.onSyn(99);
  segment(100, "abc");
  direction_.finish();
  EXPECT_EQ(stream(), "abcdef");
  EXPECT_TRUE(direction_.hasStart());
}

TEST_F(TcpDirectionTest, AcknowledgementsAloneShowThatADirectionWasNotCaptured) {
  direction_.onAcknowledgement(1000);
  direction_.onAcknowledgement(3000);
  direction_.finish();
  ASSERT_EQ(direction_.gaps().size(), 1U);
  EXPECT_EQ(direction_.gaps()[0].size_bytes, 2000U);
}

TEST_F(TcpDirectionTest, WhatWasNotCapturedOfASegmentIsLostUnlessItIsSentAgain) {
  direction_.onSyn(99);
  segment(100, "abc", 3);
  segment(106, "ghi");
  segment(109, "jk", 5);
  direction_.finish();
  EXPECT_EQ(stream(), "abc[3]ghijk");
  ASSERT_EQ(direction_.gaps().size(), 2U);
  EXPECT_EQ(direction_.gaps()[1].offset, 11U);
  EXPECT_EQ(direction_.gaps()[1].size_bytes, 5U);

  TcpDirection repeated{Peer::initiator, limits_};
  repeated.onSyn(99);
  repeated.onSegment(100, bytesOf("abc"), 3, {1, 1});
  repeated.onSegment(100, bytesOf("abcdef"), 0, {2, 2});
  repeated.finish();
  EXPECT_THAT(repeated.gaps(), IsEmpty());
}

TEST_F(TcpDirectionTest, HoldsNoMoreThanItsLimit) {
  limits_.max_buffered_out_of_order_bytes = 1000;
  direction_.onSyn(99);
  segment(100, "abc");
  for (std::uint32_t i = 0; i < 10; ++i) segment(200 + i * 200, std::string(200, static_cast<char>('a' + i)));
  segment(103, "late");
  direction_.finish();
  EXPECT_EQ(direction_.chunks().size(), 11U);
  ASSERT_EQ(direction_.gaps().size(), 1U);
  EXPECT_EQ(direction_.gaps()[0].size_bytes, 97U);
  EXPECT_THAT(direction_.warnings(), ElementsAre(HasSubstr("97 bytes lost at offset 3"),
                                                 HasSubstr("max_buffered_out_of_order_bytes (1000)")));
}

TEST_F(TcpDirectionTest, ManyTinySegmentsCountForMoreThanTheirBytes) {
  limits_.max_buffered_out_of_order_bytes = 1000;
  direction_.onSyn(99);
  for (std::uint32_t i = 0; i < 40; ++i) segment(200 + i * 2, "x");
  direction_.finish();
  EXPECT_THAT(direction_.warnings().back(), HasSubstr("max_buffered_out_of_order_bytes (1000)"));
}

TEST_F(TcpDirectionTest, NamesTheFirstLossesAndCountsTheOthers) {
  direction_.onSyn(99);
  for (std::uint32_t i = 0; i < 40; ++i) segment(200 + i * 2, "x");
  direction_.finish();
  EXPECT_EQ(direction_.gaps().size(), 40U);
  EXPECT_EQ(direction_.warnings().size(), 6U);
  EXPECT_THAT(direction_.warnings().back(), HasSubstr("35 more losses"));
}

// However a stream is cut, shuffled and repeated: the same bytes come out.
TEST(TcpDirectionProperty, AnySegmentationOrderAndRepetitionGivesTheSameBytes) {
  RandomStream random(20260821);
  const auto below = [&random](std::uint64_t limit) { return random.below(limit); };
  const CaptureLimits limits;
  for (int round = 0; round < 500; ++round) {
    const std::size_t size = 1 + below(4000);
    std::vector<std::byte> stream(size);
    for (std::byte& byte : stream) byte = static_cast<std::byte>(below(256));
    const auto syn = static_cast<std::uint32_t>(below(3) == 0 ? random.draw() : 0xffffffff - below(size + 1));
    const bool with_syn = below(4) != 0;

    struct Cut {
      std::size_t begin;
      std::size_t size;
    };
    std::vector<Cut> cuts;
    for (std::size_t begin = 0; begin < size;) {
      const std::size_t length = std::min<std::size_t>(2 + below(below(2) == 0 ? 8 : 700), size - begin);
      cuts.push_back({begin, length});
      if (below(3) == 0) {  // once more, with other borders
        const std::size_t again = below(begin + 1);
        cuts.push_back({again, std::min<std::size_t>(2 + below(900), size - again)});
      }
      begin += length;
    }
    for (std::size_t i = cuts.size() - 1; i > 0; --i) std::swap(cuts[i], cuts[below(i + 1)]);

    TcpDirection direction(Peer::responder, limits);
    if (with_syn) direction.onSyn(syn);
    PacketStamp stamp;
    for (const Cut& cut : cuts) {
      ++stamp.packet;
      const auto payload = std::span(stream).subspan(cut.begin, cut.size);
      direction.onSegment(syn + 1 + static_cast<std::uint32_t>(cut.begin), payload, 0, stamp);
    }
    direction.finish();
    std::vector<std::byte> received;
    std::uint64_t last_packet = 0;
    for (const CapturedChunk& chunk : direction.chunks()) {
      EXPECT_EQ(chunk.offset, received.size());
      EXPECT_GE(chunk.stamp.packet, last_packet);
      last_packet = chunk.stamp.packet;
      received.insert(received.end(), chunk.bytes.begin(), chunk.bytes.end());
    }
    EXPECT_EQ(received, stream) << "round " << round;
    EXPECT_THAT(direction.gaps(), IsEmpty());
    EXPECT_THAT(direction.warnings(), IsEmpty());
  }
}

}  // namespace
}  // namespace jitrig
