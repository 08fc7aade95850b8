#include "capture/conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/capture_log.h"
#include "capture/message_test_support.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/wire/value.h"

namespace jitrig {
namespace {

using test::bodylessBytes;
using test::bytesOf;
using test::clientAddress;
using test::headTable;
using test::joined;
using test::messageBytes;
using test::serverAddress;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Connections put together by hand; each piece of data is one packet, one nanosecond after the one before.
class ConversationTest : public ::testing::Test {
 protected:
  std::uint32_t open(std::uint16_t client_port = 40000) {
    EXPECT_TRUE(log_.open(opened_, clientAddress(client_port), serverAddress(), ++time_ns_));
    return opened_++;
  }
  void fromInitiator(std::span<const std::byte> bytes, std::uint32_t connection = 0) {
    EXPECT_TRUE(log_.data(connection, Peer::initiator, bytes, ++time_ns_));
  }
  void fromResponder(std::span<const std::byte> bytes, std::uint32_t connection = 0) {
    EXPECT_TRUE(log_.data(connection, Peer::responder, bytes, ++time_ns_));
  }

  /// The capture so far; a test may damage it before it is read.
  CaptureFile& file() {
    if (!file_) file_ = log_.file();
    return *file_;
  }

  Conversation read(const WireLimits& limits = {}) {
    return conversationFromCapture(file(), headTable(), limits);
  }

  /// As if the capture had begun later.
  void forgetBeginning() {
    CapturedConnection& connection = file().connections.at(0);
    connection.had_syn = false;
    connection.has_start = {false, false};
  }

  static std::vector<std::string> summary(const Conversation& conversation) {
    std::vector<std::string> result;
    for (const ConversationMessage& each : conversation.messages) {
      const MessageType* type = headTable().find(each.message.type());
      result.push_back(std::to_string(each.connection) + " " + std::string(toString(each.direction)) + " " +
                       (type == nullptr ? "?" : type->name));
    }
    return result;
  }

  CaptureLog log_;
  std::optional<CaptureFile> file_;
  std::uint32_t opened_ = 0;
  std::int64_t time_ns_ = 0;
};

TEST_F(ConversationTest, MessagesOfSeveralConnectionsInTheOrderOfTheirTimes) {
  open();
  open(40001);
  fromInitiator(messageBytes("compilationRequest"), 0);
  fromInitiator(messageBytes("compilationRequest"), 1);
  fromResponder(messageBytes("VM_isClassArray"), 1);
  fromResponder(messageBytes("compilationFailure"), 0);
  fromInitiator(bodylessBytes("compilationInterrupted", 26), 1);
  ASSERT_TRUE(log_.close(1, Peer::initiator, StreamEnd::fin, 50));
  ASSERT_TRUE(log_.close(1, Peer::responder, StreamEnd::reset, 60));
  const Conversation conversation = read();
  EXPECT_THAT(summary(conversation), ElementsAre("0 client compilationRequest", "1 client compilationRequest",
                                                 "1 server VM_isClassArray", "0 server compilationFailure",
                                                 "1 client compilationInterrupted"));
  EXPECT_EQ(conversation.messages[0].time_ns, 3);
  EXPECT_EQ(conversation.messages[4].message.numDataPoints(), 0);
  EXPECT_EQ(conversation.messages[4].offset, messageBytes("compilationRequest").size());
  ASSERT_EQ(conversation.connections.size(), 2U);
  const ConversationConnection& second = conversation.connections[1];
  EXPECT_EQ(second.kind, ConnectionKind::jitserver);
  EXPECT_EQ(second.description, "JITServer");
  EXPECT_EQ(second.client, clientAddress(40001));
  EXPECT_EQ(second.server, serverAddress());
  EXPECT_EQ(second.opened_time_ns, 2);
  EXPECT_EQ(second.end(Direction::client).how, StreamEnd::fin);
  EXPECT_EQ(second.end(Direction::client).time_ns, 50);
  EXPECT_EQ(second.end(Direction::server).how, StreamEnd::reset);
  EXPECT_EQ(conversation.connections[0].end(Direction::server).how, StreamEnd::open);
  EXPECT_THAT(allWarnings(conversation), IsEmpty());
}

TEST_F(ConversationTest, AnySegmentationGivesTheSameMessages) {
  const auto bytes = joined(messageBytes("compilationRequest"), messageBytes("VM_isClassArray"));
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    CaptureLog log;
    ASSERT_TRUE(log.open(0, clientAddress(), serverAddress(), 0));
    for (std::size_t begin = 0; begin < bytes.size(); begin += piece) {
      const auto part = std::span(bytes).subspan(begin, std::min(piece, bytes.size() - begin));
      ASSERT_TRUE(log.data(0, Peer::initiator, part, static_cast<std::int64_t>(begin + part.size())));
    }
    const Conversation conversation = conversationFromCapture(log.file(), headTable());
    ASSERT_EQ(conversation.messages.size(), 2U) << "pieces of " << piece;
    EXPECT_GE(conversation.messages[0].time_ns, std::int64_t{1} * messageBytes("compilationRequest").size());
    EXPECT_EQ(conversation.messages[1].offset, messageBytes("compilationRequest").size());
    EXPECT_THAT(allWarnings(conversation), IsEmpty());
  }
}

TEST_F(ConversationTest, OtherProtocolsAreNamedAndSkipped) {
  struct Case {
    std::string bytes;
    ConnectionKind kind;
    std::string description;
  };
  const std::vector<Case> cases = {
      {std::string("\x16\x03\x01\x02\x00\x01", 6), ConnectionKind::tls, "TLS"},
      {"GET /metrics HTTP/1.1\r\n\r\n", ConnectionKind::other, "HTTP"},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", ConnectionKind::other, "PROXY protocol header"},
      {"SSH-2.0-OpenSSH_9.2\r\n", ConnectionKind::other, "SSH"},
      {"xyz", ConnectionKind::other, "not JITServer: no message was seen"},
      {"helo there, anybody?", ConnectionKind::other, "not JITServer: first message: "},
      {"", ConnectionKind::silent, "no data"}};
  for (const Case& each : cases) {
    CaptureLog log;
    ASSERT_TRUE(log.open(0, clientAddress(), serverAddress(), 0));
    if (!each.bytes.empty()) {
      ASSERT_TRUE(log.data(0, Peer::initiator, bytesOf(each.bytes), 1));
    }
    const Conversation conversation = conversationFromCapture(log.file(), headTable());
    ASSERT_EQ(conversation.connections.size(), 1U);
    EXPECT_EQ(conversation.connections[0].kind, each.kind) << each.bytes;
    EXPECT_THAT(conversation.connections[0].description, ::testing::StartsWith(each.description));
    EXPECT_THAT(conversation.messages, IsEmpty());
    EXPECT_THAT(allWarnings(conversation), IsEmpty());
  }
}

TEST_F(ConversationTest, TlsIsRecognisedInItsMiddle) {
  open();
  fromInitiator(bytesOf(std::string_view("\x17\x03\x03\x00\x20", 5)));
  forgetBeginning();
  EXPECT_EQ(read().connections.at(0).description, "TLS");
}

TEST_F(ConversationTest, AServerThatAnswersInAnotherProtocolIsWarnedOf) {
  open();
  fromInitiator(messageBytes("compilationRequest"));
  fromResponder(bytesOf("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const Conversation conversation = read();
  EXPECT_THAT(summary(conversation), ElementsAre("0 client compilationRequest"));
  EXPECT_THAT(conversation.connections[0].warnings, ElementsAre("server→client: HTTP instead of messages"));
}

TEST_F(ConversationTest, LostBytesEndTheirDirectionOnly) {
  open();
  const auto request = messageBytes("compilationRequest");
  fromInitiator(request);
  fromResponder(messageBytes("VM_isClassArray"));
  fromInitiator(messageBytes("VM_isClassArray"));
  fromResponder(messageBytes("compilationFailure"));
  CapturedChunk& reply = file().connections[0].chunks[2];
  reply.lost_before = 1448;
  reply.offset += 1448;
  const Conversation conversation = read();
  EXPECT_THAT(summary(conversation), ElementsAre("0 client compilationRequest", "0 server VM_isClassArray",
                                                 "0 server compilationFailure"));
  EXPECT_THAT(conversation.connections[0].warnings,
              ElementsAre("client→server: 1448 bytes lost after offset " + std::to_string(request.size()) +
                          "; the rest of this direction is skipped"));
}

TEST_F(ConversationTest, LostBytesInsideAMessageLeaveItOut) {
  open();
  const auto request = messageBytes("compilationRequest", std::string(1000, 'x'));
  fromInitiator(std::span(request).first(300));
  fromInitiator(std::span(request).subspan(400));
  CapturedChunk& rest = file().connections[0].chunks[1];
  rest.lost_before = 100;
  rest.offset += 100;
  const Conversation conversation = read();
  EXPECT_THAT(conversation.messages, IsEmpty());
  EXPECT_EQ(conversation.connections[0].kind, ConnectionKind::jitserver);
  EXPECT_THAT(conversation.connections[0].warnings,
              ElementsAre(HasSubstr("100 bytes lost after offset 300"),
                          AllOf(HasSubstr("ends inside a message at stream offset 0: 300 of "),
                                HasSubstr(std::to_string(request.size())))));
}

TEST_F(ConversationTest, AMessageThatDoesNotArriveWholeIsWarnedOfAtEveryLength) {
  const auto request = messageBytes("compilationRequest");
  const auto query = messageBytes("VM_isClassArray");
  for (std::size_t length = 1; length < query.size(); ++length) {
    CaptureLog log;
    ASSERT_TRUE(log.open(0, clientAddress(), serverAddress(), 0));
    ASSERT_TRUE(log.data(0, Peer::initiator, request, 1));
    ASSERT_TRUE(log.data(0, Peer::responder, std::span(query).first(length), 2));
    const Conversation conversation = conversationFromCapture(log.file(), headTable());
    EXPECT_EQ(conversation.messages.size(), 1U);
    const std::string expected =
        length < 4 ? "ends inside the size field of a message at stream offset 0: " + std::to_string(length) +
                         " of 4 bytes"
                   : "ends inside a message at stream offset 0: " + std::to_string(length) + " of " +
                         std::to_string(query.size()) + " bytes";
    EXPECT_THAT(conversation.connections[0].warnings, ElementsAre("server→client: " + expected));
  }
}

TEST_F(ConversationTest, ADamagedMessageIsLeftOutAndTheNextOneRead) {
  open();
  auto damaged = messageBytes("VM_isClassArray");
  damaged[16] = std::byte{7};
  fromInitiator(messageBytes("compilationRequest"));
  fromInitiator(damaged);
  fromInitiator(messageBytes("VM_isClassArray"));
  const Conversation conversation = read();
  EXPECT_EQ(conversation.messages.size(), 2U);
  EXPECT_THAT(conversation.connections[0].warnings,
              ElementsAre(AllOf(HasSubstr("client→server: damaged message at stream offset "),
                                HasSubstr("left out: "), HasSubstr("unknownDataType"))));
}

TEST_F(ConversationTest, ManyDamagedMessagesAreCounted) {
  open();
  auto damaged = messageBytes("VM_isClassArray");
  damaged[16] = std::byte{7};
  fromInitiator(messageBytes("compilationRequest"));
  for (int i = 0; i < 12; ++i) fromInitiator(damaged);
  const auto warnings = read().connections[0].warnings;
  EXPECT_EQ(warnings.size(), 6U);
  EXPECT_THAT(warnings.back(), HasSubstr("7 more damaged messages were left out"));
}

TEST_F(ConversationTest, BytesThatCannotBeFramedEndTheirDirection) {
  open();
  fromInitiator(messageBytes("compilationRequest"));
  fromInitiator(bytesOf("this is no size and no message at all"));
  fromInitiator(messageBytes("VM_isClassArray"));
  const Conversation conversation = read();
  EXPECT_EQ(conversation.messages.size(), 1U);
  EXPECT_THAT(conversation.connections[0].warnings,
              ElementsAre(AllOf(HasSubstr("client→server: no message at stream offset "),
                                HasSubstr("the rest of this direction is skipped"))));
}

TEST_F(ConversationTest, TheLimitsAreTheCallers) {
  open();
  fromInitiator(messageBytes("compilationRequest", std::string(1000, 'x')));
  const Conversation conversation = read({.max_message_size_bytes = 500});
  EXPECT_EQ(conversation.connections[0].kind, ConnectionKind::other);
  EXPECT_THAT(conversation.connections[0].description, HasSubstr("500"));
}

TEST_F(ConversationTest, WithoutASynTheSenderOfARequestIsTheClient) {
  open();
  fromInitiator(messageBytes("VM_isClassArray"));
  fromResponder(messageBytes("VM_isClassArray"));
  fromInitiator(messageBytes("compilationFailure"));
  fromResponder(messageBytes("compilationRequest"));
  forgetBeginning();
  const Conversation conversation = read();
  EXPECT_THAT(summary(conversation),
              ElementsAre("0 server VM_isClassArray", "0 client VM_isClassArray",
                          "0 server compilationFailure", "0 client compilationRequest"));
  EXPECT_EQ(conversation.connections[0].client, serverAddress());
  EXPECT_THAT(conversation.connections[0].warnings, ElementsAre(HasSubstr("its beginning was not captured")));
}

TEST_F(ConversationTest, EachMessageThatOnlyOneSideSendsTellsTheSides) {
  for (const char* type : {"compilationRequest", "clientSessionTerminate", "AOTCacheMap_request",
                           "connectionTerminate", "compilationInterrupted"}) {
    CaptureLog log;
    ASSERT_TRUE(log.open(0, clientAddress(), serverAddress(), 0));
    const std::string_view name = type;
    const bool bodyless = name == "connectionTerminate" || name == "compilationInterrupted";
    ASSERT_TRUE(log.data(0, Peer::responder, bodyless ? bodylessBytes(name, 0) : messageBytes(name), 1));
    CaptureFile file = log.file();
    file.connections[0].had_syn = false;
    file.connections[0].has_start = {false, false};
    const Conversation conversation = conversationFromCapture(file, headTable());
    ASSERT_EQ(conversation.messages.size(), 1U);
    EXPECT_EQ(conversation.messages[0].direction, Direction::client) << type;
  }
}

TEST_F(ConversationTest, WithoutASynQueriesAndRepliesTellTheSides) {
  open();
  fromInitiator(messageBytes("VM_isClassArray"));  // the reply to a query that was not captured
  for (const char* type : {"VM_isClassVisible", "VM_getObjectClass"}) {
    fromResponder(messageBytes(type));
    fromInitiator(messageBytes(type));
  }
  forgetBeginning();
  const Conversation conversation = read();
  EXPECT_EQ(conversation.messages.at(0).direction, Direction::client);
  EXPECT_THAT(conversation.connections[0].warnings, Not(Contains(HasSubstr("nothing shows"))));
}

TEST_F(ConversationTest, WithoutASynTheDataPointsOfALoneQueryTellTheSides) {
  open();
  const MessageType& type = *headTable().find("VM_isClassArray");
  Message query(type.number);
  addValues(query, defaultValues(*type.request));
  fromInitiator(query.serialize());
  forgetBeginning();
  const Conversation conversation = read();
  EXPECT_EQ(conversation.messages.at(0).direction, Direction::server);
  EXPECT_EQ(conversation.connections[0].client, serverAddress());
}

TEST_F(ConversationTest, WhereNothingShowsTheClientThatIsSaid) {
  open();
  fromInitiator(messageBytes("VM_isClassArray"));
  forgetBeginning();
  EXPECT_THAT(read().connections[0].warnings, Contains(HasSubstr("nothing shows who is the client")));
}

TEST_F(ConversationTest, ADirectionWithoutItsBeginningStartsAtTheFirstWholeMessage) {
  open();
  const auto reply = messageBytes("VM_getObjectClass", std::string(500, 'r'));
  fromInitiator(std::span(reply).subspan(100));
  fromResponder(messageBytes("VM_isClassArray"));
  fromInitiator(messageBytes("VM_isClassArray"));
  forgetBeginning();
  const Conversation conversation = read();
  EXPECT_THAT(summary(conversation), ElementsAre("0 server VM_isClassArray", "0 client VM_isClassArray"));
  EXPECT_THAT(conversation.connections[0].warnings,
              ElementsAre(HasSubstr("its beginning was not captured: messages before"),
                          HasSubstr("client→server: its beginning was not captured; " +
                                    std::to_string(reply.size() - 100) + " bytes before")));
}

TEST_F(ConversationTest, ADirectionInWhichNoMessageBeginsIsSkipped) {
  open();
  fromInitiator(std::vector<std::byte>(200, std::byte{0x41}));
  fromResponder(messageBytes("compilationFailure"));
  forgetBeginning();
  const Conversation conversation = read();
  EXPECT_EQ(conversation.messages.size(), 1U);
  EXPECT_THAT(
      conversation.connections[0].warnings,
      Contains(HasSubstr("client→server: its beginning was not captured, and no segment begins with a whole "
                         "message")));
}

TEST_F(ConversationTest, ManyFalseStartsAreGivenUp) {
  open();
  auto header_only = messageBytes("VM_isClassArray");
  header_only[16] = std::byte{7};  // looks like a message, but is none
  for (int i = 0; i < 100; ++i) fromInitiator(header_only);
  fromInitiator(messageBytes("compilationRequest"));
  forgetBeginning();
  EXPECT_THAT(read().messages, IsEmpty());
}

TEST_F(ConversationTest, WarningsOfFileAndConnectionsAreListedTogether) {
  open();
  file().warnings.emplace_back("the file is short");
  file().connections[0].warnings.emplace_back("something odd");
  EXPECT_THAT(
      allWarnings(read()),
      ElementsAre("the file is short", "connection 0 (10.0.0.1:40000 → 10.0.0.2:38400): something odd"));
}

}  // namespace
}  // namespace jitrig
