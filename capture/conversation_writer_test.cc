#include "capture/conversation_writer.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/capture_log.h"
#include "capture/message_test_support.h"

namespace jitrig {
namespace {

using test::bytesOf;
using test::clientAddress;
using test::headTable;
using test::messageBytes;
using test::serverAddress;
using test::TemporaryFile;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void expectSame(const Conversation& first, const Conversation& second) {
  ASSERT_EQ(first.messages.size(), second.messages.size());
  for (std::size_t i = 0; i < first.messages.size(); ++i) {
    EXPECT_EQ(first.messages[i].connection, second.messages[i].connection);
    EXPECT_EQ(first.messages[i].time_ns, second.messages[i].time_ns);
    EXPECT_EQ(first.messages[i].direction, second.messages[i].direction);
    EXPECT_EQ(first.messages[i].offset, second.messages[i].offset);
    EXPECT_TRUE(
        std::ranges::equal(first.messages[i].message.serialize(), second.messages[i].message.serialize()));
  }
  ASSERT_EQ(first.connections.size(), second.connections.size());
  for (std::size_t i = 0; i < first.connections.size(); ++i) {
    EXPECT_EQ(first.connections[i].client, second.connections[i].client);
    EXPECT_EQ(first.connections[i].server, second.connections[i].server);
    EXPECT_EQ(first.connections[i].kind, second.connections[i].kind);
    EXPECT_EQ(first.connections[i].end(Direction::client).how,
              second.connections[i].end(Direction::client).how);
    EXPECT_EQ(first.connections[i].end(Direction::client).time_ns,
              second.connections[i].end(Direction::client).time_ns);
  }
}

Conversation read(const std::string& path) {
  const auto file = readCaptureFile(path);
  EXPECT_TRUE(file) << file.error();
  return conversationFromCapture(*file, headTable());
}

class RealConversationTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RealConversationTest, IsTheSameAfterWritingAndReading) {
  const Conversation conversation =
      read(std::string(JITRIG_SOURCE_DIR "/testdata/captures/") + GetParam() + ".pcap");
  const TemporaryFile file;
  const auto written = writeConversation(file.path(), conversation);
  ASSERT_TRUE(written) << written.error();
  const Conversation again = read(file.path());
  EXPECT_THAT(allWarnings(again), IsEmpty());
  EXPECT_EQ(again.start_time_ns, conversation.start_time_ns);
  expectSame(conversation, again);
}

INSTANTIATE_TEST_SUITE_P(, RealConversationTest,
                         ::testing::Values("plain_1conn_3compiles", "concurrent_4conns", "fin_mid_compile",
                                           "interrupt_then_reconnect", "big_messages",
                                           "version_mismatch_1_104", "aot_hit_and_store_and_failure"),
                         [](const auto& capture) { return std::string(capture.param); });

TEST(ConversationWriter, LeavesOtherProtocolsOut) {
  CaptureLog log;
  ASSERT_TRUE(log.open(0, clientAddress(), serverAddress(), 0));
  ASSERT_TRUE(log.data(0, Peer::initiator, bytesOf("GET / HTTP/1.1\r\n"), 1));
  ASSERT_TRUE(log.open(1, clientAddress(40001), serverAddress(), 2));
  ASSERT_TRUE(log.data(1, Peer::initiator, messageBytes("compilationRequest"), 3));
  CaptureLog written;
  ASSERT_TRUE(playConversation(conversationFromCapture(log.file(), headTable()), written));
  ASSERT_EQ(written.file().connections.size(), 1U);
  EXPECT_EQ(written.file().connections[0].initiator, clientAddress(40001));
}

// A capture's clock may step back: openings still come first, and ends last.
TEST(ConversationWriter, KeepsTheOrderWhereTimesDoNot) {
  CaptureLog log;
  ASSERT_TRUE(log.open(0, clientAddress(), serverAddress(), 100));
  ASSERT_TRUE(log.data(0, Peer::initiator, messageBytes("compilationRequest"), 50));
  ASSERT_TRUE(log.data(0, Peer::responder, messageBytes("VM_isClassArray"), 60));
  ASSERT_TRUE(log.close(0, Peer::initiator, StreamEnd::reset, 10));
  ASSERT_TRUE(log.close(0, Peer::responder, StreamEnd::fin, 90));
  const TemporaryFile file;
  const auto written = writeConversation(file.path(), conversationFromCapture(log.file(), headTable()));
  ASSERT_TRUE(written) << written.error();
  const auto again = readCaptureFile(file.path());
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(again->connections.at(0).chunks.size(), 2U);
  EXPECT_EQ(again->connections[0].end(Peer::initiator).how, StreamEnd::reset);
}

TEST(ConversationWriter, NamesWhatCannotBeWritten) {
  const auto written = writeConversation("/nonexistent/x.pcap", Conversation{});
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), HasSubstr("/nonexistent/x.pcap"));

  Conversation conversation;
  ConversationConnection connection;
  connection.client = clientAddress();
  connection.server = *TcpAddress::parse("::1", 1);
  conversation.connections.push_back(connection);
  const TemporaryFile file;
  const auto mixed = writeConversation(file.path(), conversation);
  ASSERT_FALSE(mixed);
  EXPECT_THAT(mixed.error(), HasSubstr("would mix IPv4 and IPv6"));
}

}  // namespace
}  // namespace jitrig
