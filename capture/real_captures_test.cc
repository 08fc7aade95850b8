#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "capture/conversation.h"
#include "capture/message_test_support.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/wire/value.h"

// Captures of the real code, in testdata/captures: what they hold is known from the peers that made them.
namespace jitrig {
namespace {

using test::headTable;
using ::testing::IsEmpty;

using Counts = std::vector<std::pair<std::size_t, std::size_t>>;  ///< per connection, from client and server

struct RealCapture {
  std::string name;
  Counts messages;
};

void PrintTo(const RealCapture& capture, std::ostream* out) {
  *out << capture.name;
}

CaptureFile readCapture(const std::string& name) {
  auto file = readCaptureFile(JITRIG_SOURCE_DIR "/testdata/captures/" + name + ".pcap");
  EXPECT_TRUE(file) << file.error();
  return file ? std::move(*file) : CaptureFile{};
}

class RealCaptureTest : public ::testing::TestWithParam<RealCapture> {};

TEST_P(RealCaptureTest, IsReadWithoutWarnings) {
  const CaptureFile file = readCapture(GetParam().name);
  EXPECT_THAT(allWarnings(file), IsEmpty());
  EXPECT_EQ(file.connections.size(), GetParam().messages.size());
  for (const CapturedConnection& connection : file.connections) {
    EXPECT_TRUE(connection.had_syn);
    EXPECT_TRUE(connection.hasStart(Peer::initiator));
    EXPECT_TRUE(connection.hasStart(Peer::responder));
    EXPECT_NE(connection.end(Peer::initiator).how, StreamEnd::open);
    EXPECT_TRUE(connection.responder.port >= 38400 && connection.responder.port < 38500);
  }
}

TEST_P(RealCaptureTest, HoldsTheMessagesThatWereSent) {
  const Conversation conversation = conversationFromCapture(readCapture(GetParam().name), headTable());
  EXPECT_THAT(allWarnings(conversation), IsEmpty());
  Counts counts(conversation.connections.size());
  for (const ConversationMessage& each : conversation.messages) {
    auto& [client, server] = counts.at(each.connection);
    ++(each.direction == Direction::client ? client : server);
  }
  EXPECT_EQ(counts, GetParam().messages);
}

/// The data points that the catalogue gives this message, or nullptr.
const std::vector<WireType>* expectedTypes(const ConversationMessage& each) {
  const MessageType* type = headTable().find(each.message.type());
  if (type == nullptr) return nullptr;
  const bool is_reply =
      type->direction == MessageType::Direction::query && each.direction == Direction::client;
  const auto& types = is_reply ? type->reply : type->request;
  return types ? &*types : nullptr;
}

TEST_P(RealCaptureTest, FitsTheCatalogue) {
  const Conversation conversation = conversationFromCapture(readCapture(GetParam().name), headTable());
  for (const ConversationMessage& each : conversation.messages) {
    const auto* types = expectedTypes(each);
    ASSERT_NE(types, nullptr) << "packet " << each.packet << ": type " << each.message.type();
    const auto misfit = checkDataPoints(toValues(each.message), *types);
    EXPECT_FALSE(misfit) << "packet " << each.packet << ": " << headTable().find(each.message.type())->name
                         << ": " << toString(*misfit);
  }
}

/// Eight runs of a client: in three of them the server closed, and the second compilation has a connection of
/// its own.
Counts interruptedRuns() {
  const Counts on_one_connection = {{125, 123}, {1, 0}};
  const Counts on_two_connections = {{23, 21}, {52, 51}, {1, 0}};
  Counts result;
  for (const bool closed : {false, true, false, true, false, true, false, false}) {
    const Counts& run = closed ? on_two_connections : on_one_connection;
    result.insert(result.end(), run.begin(), run.end());
  }
  return result;
}

INSTANTIATE_TEST_SUITE_P(
    All, RealCaptureTest,
    ::testing::Values(RealCapture{"plain_1conn_3compiles", {{156, 155}, {1, 0}}},
                      RealCapture{"tour_all_queries", {{228, 227}, {1, 0}}},
                      RealCapture{"concurrent_4conns",
                                  {{156, 155}, {154, 153}, {154, 153}, {154, 153}, {1, 0}}},
                      RealCapture{"interrupt_then_reconnect", {{75, 74}, {52, 51}, {1, 0}}},
                      RealCapture{"fin_mid_compile", {{21, 21}, {52, 51}, {1, 0}}},
                      RealCapture{"big_messages", {{119, 118}, {1, 0}}},
                      RealCapture{"version_mismatch_1_104", {{1, 1}}},
                      RealCapture{"interrupt_same_conn_pipelined", interruptedRuns()},
                      RealCapture{"aot_hit_and_store_and_failure",
                                  {{1, 1}, {156, 156}, {53, 52}, {1, 0}, {1, 1}, {4, 3}, {1, 0}}},
                      RealCapture{"long_session_50compiles", {{2553, 2552}, {1, 0}}}),
    [](const auto& capture) { return capture.param.name; });

TEST(RealCaptures, TlsIsNamed) {
  const Conversation conversation = conversationFromCapture(readCapture("tls_1conn_2compiles"), headTable());
  EXPECT_THAT(conversation.messages, IsEmpty());
  EXPECT_THAT(allWarnings(conversation), IsEmpty());
  ASSERT_FALSE(conversation.connections.empty());
  for (const ConversationConnection& connection : conversation.connections) {
    EXPECT_EQ(connection.kind, ConnectionKind::tls);
    EXPECT_EQ(connection.description, "TLS");
  }
}

}  // namespace
}  // namespace jitrig
