#include "capture/capture_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/packet_builder_test_support.h"

namespace jitrig {
namespace {

using test::bytesOf;
using test::clientAddress;
using test::serverAddress;
using test::textFrom;
using ::testing::HasSubstr;

TEST(CaptureLog, KeepsConnectionsBytesAndEnds) {
  CaptureLog log(1000);
  ASSERT_TRUE(log.open(7, clientAddress(), serverAddress(), 1));
  ASSERT_TRUE(log.data(7, Peer::initiator, bytesOf("ab"), 2));
  ASSERT_TRUE(log.data(7, Peer::responder, bytesOf("x"), 3));
  ASSERT_TRUE(log.data(7, Peer::initiator, bytesOf("cd"), 4));
  ASSERT_TRUE(log.close(7, Peer::responder, StreamEnd::reset, 5));
  ASSERT_TRUE(log.close(7, Peer::responder, StreamEnd::fin, 6));
  ASSERT_TRUE(log.open(7, clientAddress(40001), serverAddress(), 7));  // the number again, another connection
  ASSERT_TRUE(log.data(7, Peer::initiator, bytesOf("second"), 8));

  const CaptureFile& file = log.file();
  EXPECT_EQ(file.start_time_ns, 1000);
  ASSERT_EQ(file.connections.size(), 2U);
  const CapturedConnection& first = file.connections[0];
  EXPECT_EQ(first.initiator, clientAddress());
  EXPECT_TRUE(first.had_syn && first.hasStart(Peer::initiator) && first.hasStart(Peer::responder));
  EXPECT_EQ(textFrom(first, Peer::initiator), "abcd");
  EXPECT_EQ(textFrom(first, Peer::responder), "x");
  EXPECT_EQ(first.chunks.at(2).offset, 2U);
  EXPECT_EQ(first.chunks[2].stamp.time_ns, 4);
  EXPECT_EQ(first.end(Peer::responder).how, StreamEnd::reset);
  EXPECT_EQ(first.end(Peer::responder).stamp.time_ns, 5);
  EXPECT_EQ(first.end(Peer::initiator).how, StreamEnd::open);
  EXPECT_EQ(file.connections[1].index, 1U);
  EXPECT_EQ(textFrom(file.connections[1], Peer::initiator), "second");
}

TEST(CaptureLog, RefusesConnectionsThatWereNotOpened) {
  CaptureLog log;
  const auto data = log.data(3, Peer::initiator, bytesOf("ab"), 2);
  ASSERT_FALSE(data);
  EXPECT_THAT(data.error(), HasSubstr("connection 3 was not opened"));
  EXPECT_FALSE(log.close(3, Peer::initiator, StreamEnd::fin, 2));
}

}  // namespace
}  // namespace jitrig
