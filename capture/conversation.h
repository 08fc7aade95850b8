#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capture/capture_file.h"
#include "capture/captured_connection.h"
#include "capture/tcp_address.h"
#include "protocol/catalogue/message_table.h"
#include "protocol/stream/dialect.h"
#include "protocol/stream/direction.h"
#include "protocol/wire/message.h"
#include "protocol/wire/wire_limits.h"

namespace jitrig {

/// "client→server", "server→client".
std::string_view arrowText(Direction sender);

/// A message, validated, with who sent it, when and where. Moved, not copied.
struct ConversationMessage {
  std::uint32_t connection = 0;  ///< ConversationConnection::index
  std::int64_t time_ns = 0;      ///< since the conversation's start; when its last byte came
  std::uint64_t packet = 0;      ///< the packet that brought it; 0 if there was none
  std::uint64_t offset = 0;      ///< of its first byte in the sender's stream, as far as that is known
  Direction direction = Direction::client;
  Message message{};
};

/// What a connection of the file turned out to carry.
enum class ConnectionKind : std::uint8_t {
  jitserver,  ///< this protocol, of the generation that was asked for
  tls,        ///< encrypted: whether it is this protocol cannot be seen
  other,      ///< HTTP, for instance; `description` says why
  silent,     ///< no data in either direction, as a health probe leaves it
};

/// How and when one side stopped sending.
struct ConversationEnd {
  StreamEnd how = StreamEnd::open;
  std::int64_t time_ns = 0;
};

/// A connection as the layer of messages sees it; TCP's view of it is a CapturedConnection.
struct ConversationConnection {
  std::uint32_t index = 0;  ///< as in the capture: by first packet
  ConnectionKind kind = ConnectionKind::jitserver;
  /// "JITServer", "TLS", "HTTP", "no data", "not JITServer: first message: …".
  std::string description;
  TcpAddress client;
  TcpAddress server;
  std::int64_t opened_time_ns = 0;        ///< of the first packet seen
  std::array<ConversationEnd, 2> ends{};  ///< by Direction
  std::vector<std::string> warnings;

  /// The end of what `sender` sends.
  const ConversationEnd& end(Direction sender) const { return ends[static_cast<std::size_t>(sender)]; }
  ConversationEnd& end(Direction sender) { return ends[static_cast<std::size_t>(sender)]; }
};

/// What two sides said to each other, on any number of connections. Moved, not copied.
struct Conversation {
  std::int64_t start_time_ns = 0;                   ///< since 1970; other times count from it
  std::vector<ConversationConnection> connections;  ///< by index; those of another protocol, too
  std::vector<ConversationMessage> messages;        ///< of all connections, in the order in which they came
  std::vector<std::string> warnings;                ///< of the file as a whole
};

/// Reads the messages out of a capture. `table` gives the numbers of the body-less types, and those that tell
/// client from server where no SYN was seen.
///
/// - Who opened the connection is the client. Without a SYN it is who sends a compilationRequest or another
///   message that only clients send, or who answers, or whose data points are those of replies.
/// - A connection of another protocol is named and skipped, whatever its port; so is TLS.
/// - A direction ends, with a warning, at lost bytes and at bytes that cannot be framed; a damaged message
///   with a sound frame is left out, with a warning, and the next one is read.
/// - A direction whose beginning is missing starts at the first segment that begins with a whole message.
///
/// `format` is nullptr for JITServer's own messages. Values of another format are what their tags say: who
/// sent them, and so what their places say, is known only afterwards.
Conversation conversationFromCapture(const CaptureFile& file, const MessageTable& table,
                                     const WireLimits& limits = {}, const MessageFormat* format = nullptr);
/// As peers who speak so sent them.
Conversation conversationFromCapture(const CaptureFile& file, const Dialect& dialect);

/// The file's warnings, then those of its connections with "connection 3 (127.0.0.1:4711 → 127.0.0.1:38400):
/// " before each.
std::vector<std::string> allWarnings(const Conversation& conversation);

}  // namespace jitrig
