#include "capture/conversation.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <utility>

#include "capture/direction_messages.h"
#include "protocol/catalogue/data_point_fit.h"

namespace jitrig {
namespace {

using BothDirections = std::array<DirectionMessages, 2>;  ///< by Peer

std::pair<ConnectionKind, std::string> kindOf(const BothDirections& directions, const std::string& protocol) {
  for (const DirectionMessages& direction : directions) {
    if (direction.foreign_protocol == "TLS") return {ConnectionKind::tls, "TLS"};
  }
  if (!directions[0].has_data && !directions[1].has_data) return {ConnectionKind::silent, "no data"};
  const auto speaks = [](const DirectionMessages& direction) { return !direction.messages.empty(); };
  if (std::ranges::any_of(directions, speaks)) return {ConnectionKind::jitserver, protocol};
  for (const DirectionMessages& direction : directions) {
    if (!direction.foreign_protocol.empty()) return {ConnectionKind::other, direction.foreign_protocol};
  }
  for (const DirectionMessages& direction : directions) {
    if (!direction.first_error.empty()) {
      return {ConnectionKind::other, "not " + protocol + ": first message: " + direction.first_error};
    }
  }
  const auto begins = [](const DirectionMessages& direction) { return direction.has_plausible_header; };
  if (std::ranges::any_of(directions, begins)) return {ConnectionKind::jitserver, protocol};
  return {ConnectionKind::other, "not " + protocol + ": no message was seen"};
}

/// How much speaks for the initiator being the client: messages that only one side sends count for it; in
/// pairs of one type, the query is the server's.
int initiatorIsClient(const BothDirections& directions, const MessageTable& table) {
  int votes = 0;
  struct Seen {
    std::uint64_t packet;
    std::uint64_t offset;
    Peer sender;
    std::uint16_t type;
  };
  std::vector<Seen> seen;
  for (const Peer peer : {Peer::initiator, Peer::responder}) {
    const int for_sender = peer == Peer::initiator ? 1 : -1;
    for (const DirectionMessage& each : directions[static_cast<std::size_t>(peer)].messages) {
      const std::uint16_t type = each.message.type();
      seen.push_back({each.stamp.packet, each.offset, peer, type});
      const MessageType* known = table.find(type);
      if (known == nullptr) continue;
      constexpr int kCertain = 1000;
      if (known->direction == MessageType::Direction::clientToServer) votes += kCertain * for_sender;
      if (known->direction == MessageType::Direction::serverToClient) votes -= kCertain * for_sender;
    }
  }
  std::ranges::sort(seen, {}, [](const Seen& each) { return std::tuple(each.packet, each.offset); });
  for (std::size_t i = 1; i < seen.size(); ++i) {
    if (seen[i].type != seen[i - 1].type || seen[i].sender == seen[i - 1].sender) continue;
    votes += seen[i].sender == Peer::initiator ? 1 : -1;
  }
  return votes;
}

/// The same by what the data points look like, for a few messages without an answer: a query's types are
/// rarely those of its reply.
int initiatorLooksLikeClient(const BothDirections& directions, const MessageTable& table) {
  int votes = 0;
  for (const Peer peer : {Peer::initiator, Peer::responder}) {
    const int for_sender = peer == Peer::initiator ? 1 : -1;
    for (const DirectionMessage& each : directions[static_cast<std::size_t>(peer)].messages) {
      const MessageType* known = table.find(each.message.type());
      if (known == nullptr || !known->request || !known->reply) continue;
      const bool fits_query = !checkDataPoints(each.message.view(), *known->request);
      const bool fits_reply = !checkDataPoints(each.message.view(), *known->reply);
      if (fits_query != fits_reply) votes += fits_reply ? for_sender : -for_sender;
    }
  }
  return votes;
}

/// Turns the connections of one capture into a conversation, one after the other.
class ConversationReader {
 public:
  ConversationReader(const MessageTable& table, const WireLimits& limits, const MessageFormat* format)
      : table_(table), limits_(limits), format_(format) {}

  Conversation read(const CaptureFile& file) {
    result_.start_time_ns = file.start_time_ns;
    result_.warnings = file.warnings;
    for (const CapturedConnection& connection : file.connections) readConnection(connection);
    // One packet may bring several messages, all of one direction.
    std::ranges::sort(result_.messages, {}, [](const ConversationMessage& each) {
      return std::tuple(each.packet, each.connection, each.offset);
    });
    return std::move(result_);
  }

 private:
  void readConnection(const CapturedConnection& captured) {
    BothDirections directions{readDirectionMessages(captured, Peer::initiator, table_, limits_, format_),
                              readDirectionMessages(captured, Peer::responder, table_, limits_, format_)};
    ConversationConnection connection;
    connection.index = captured.index;
    connection.opened_time_ns = captured.first_packet.time_ns;
    connection.warnings = captured.warnings;
    std::tie(connection.kind, connection.description) =
        kindOf(directions, format_ == nullptr ? "JITServer" : std::string(format_->name()));
    const Peer client = clientOf(captured, directions, connection);
    connection.client = captured.address(client);
    connection.server = captured.address(otherPeer(client));
    for (const Direction sender : {Direction::client, Direction::server}) {
      const Peer peer = sender == Direction::client ? client : otherPeer(client);
      const CapturedEnd& end = captured.end(peer);
      connection.end(sender) = {end.how, end.stamp.time_ns};
      if (connection.kind != ConnectionKind::jitserver) continue;
      takeDirection(directions[static_cast<std::size_t>(peer)], sender, connection);
    }
    result_.connections.push_back(std::move(connection));
  }

  Peer clientOf(const CapturedConnection& captured, const BothDirections& directions,
                ConversationConnection& connection) const {
    if (captured.had_syn || connection.kind != ConnectionKind::jitserver) return Peer::initiator;
    connection.warnings.emplace_back(
        "its beginning was not captured: messages before the first one are missing");
    int votes = initiatorIsClient(directions, table_);
    if (votes == 0) votes = initiatorLooksLikeClient(directions, table_);
    if (votes == 0) {
      connection.warnings.emplace_back(
          "nothing shows who is the client: taken to be the sender of the first packet");
    }
    return votes >= 0 ? Peer::initiator : Peer::responder;
  }

  void takeDirection(DirectionMessages& direction, Direction sender, ConversationConnection& connection) {
    for (DirectionMessage& each : direction.messages) {
      result_.messages.push_back({.connection = connection.index,
                                  .time_ns = each.stamp.time_ns,
                                  .packet = each.stamp.packet,
                                  .offset = each.offset,
                                  .direction = sender,
                                  .message = std::move(each.message)});
    }
    for (const std::string& problem : direction.problems) {
      connection.warnings.push_back(fmt::format("{}: {}", arrowText(sender), problem));
    }
    if (!direction.foreign_protocol.empty()) {
      connection.warnings.push_back(
          fmt::format("{}: {} instead of messages", arrowText(sender), direction.foreign_protocol));
    }
  }

  const MessageTable& table_;
  const WireLimits& limits_;
  const MessageFormat* format_;
  Conversation result_;
};

}  // namespace

std::string_view arrowText(Direction sender) {
  return sender == Direction::client ? "client→server" : "server→client";
}

Conversation conversationFromCapture(const CaptureFile& file, const MessageTable& table,
                                     const WireLimits& limits, const MessageFormat* format) {
  return ConversationReader(table, limits, format).read(file);
}

Conversation conversationFromCapture(const CaptureFile& file, const Dialect& dialect) {
  return conversationFromCapture(file, *dialect.table, {}, dialect.format.get());
}

std::vector<std::string> allWarnings(const Conversation& conversation) {
  std::vector<std::string> result = conversation.warnings;
  for (const ConversationConnection& connection : conversation.connections) {
    for (const std::string& warning : connection.warnings) {
      result.push_back(fmt::format("connection {} ({} → {}): {}", connection.index,
                                   toString(connection.client), toString(connection.server), warning));
    }
  }
  return result;
}

}  // namespace jitrig
