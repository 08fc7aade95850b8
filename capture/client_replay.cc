#include "capture/client_replay.h"

#include <fmt/format.h>

namespace jitrig {

/// Recorded messages out, any messages in.
class ClientReplay::ReplayStream final : public CommunicationStream {
 public:
  ReplayStream(Runtime& runtime, std::unique_ptr<ByteStream> stream, std::shared_ptr<const Dialect> dialect,
               const StreamOptions& options)
      : CommunicationStream(runtime, std::move(stream), std::move(dialect), Direction::client, options) {}

  void send(const Message& message) {
    outgoing() = message.copy();
    writeMessage();
  }
  const Message& receive() { return readMessage(); }
};

ClientReplay::ClientReplay(Runtime& runtime, const Conversation& conversation,
                           std::shared_ptr<const Dialect> dialect, const StreamOptions& stream_options,
                           const ComparisonRules& rules, Connect connect)
    : runtime_(runtime),
      conversation_(conversation),
      dialect_(std::move(dialect)),
      stream_options_(stream_options),
      rules_(rules),
      connect_(std::move(connect)) {}

ClientReplay::~ClientReplay() = default;

ReplayReport ClientReplay::run() {
  std::map<std::uint32_t, Playing> playing;
  for (const ConversationMessage& message : conversation_.messages) ++playing[message.connection].remaining;
  for (const ConversationMessage& message : conversation_.messages) {
    Playing& connection = playing[message.connection];
    --connection.remaining;
    if (connection.opened && !connection.stream) continue;
    try {
      play(message, connection);
    } catch (const StreamException& exception) {
      if (!connection.opened) throw;
      report_.differences.push_back(fmt::format("connection {}, message {}: {}", message.connection,
                                                connection.position, exception.what()));
      connection.stream.reset();
    }
  }
  return std::move(report_);
}

void ClientReplay::play(const ConversationMessage& recorded, Playing& connection) {
  if (!connection.opened) open(connection);
  if (recorded.direction == Direction::client) {
    connection.stream->send(recorded.message);
    ++report_.messages_sent;
  } else {
    receive(recorded, connection);
  }
  ++connection.position;
  if (connection.stream && connection.remaining == 0) endConnection(recorded, connection);
}

void ClientReplay::open(Playing& connection) {
  auto bytes = connect_();
  connection.stream = std::make_unique<ReplayStream>(runtime_, std::move(bytes), dialect_, stream_options_);
  connection.opened = true;
  ++report_.connections;
}

void ClientReplay::receive(const ConversationMessage& recorded, Playing& connection) {
  const Message& received = connection.stream->receive();
  ++report_.messages_received;
  if (const auto difference = compareMessages(recorded.message, received, *dialect_, rules_)) {
    report_.differences.push_back(
        fmt::format("connection {}, message {}: {}", recorded.connection, connection.position, *difference));
    connection.stream.reset();
  }
}

void ClientReplay::endConnection(const ConversationMessage& last, Playing& connection) {
  if (conversation_.connections[last.connection].end(Direction::client).how == StreamEnd::reset) {
    connection.stream->reset();
  }
  noteDefectiveEnd(last);
  connection.stream.reset();
}

void ClientReplay::noteDefectiveEnd(const ConversationMessage& last) {
  if (last.direction != Direction::client) return;
  const std::uint16_t type = last.message.type();
  if (dialect_->bodyless.contains(type) || type == dialect_->client_session_terminate) return;
  report_.notes.push_back(
      fmt::format("connection {}: the recording ends after the client's {}, where the server is due: this "
                  "server would go on",
                  last.connection, dialect_->typeName(type)));
}

}  // namespace jitrig
