#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capture/captured_connection.h"
#include "protocol/catalogue/message_table.h"
#include "protocol/stream/message_format.h"
#include "protocol/wire/message.h"
#include "protocol/wire/wire_limits.h"

namespace jitrig {

/// A message as it was cut out of its sender's stream.
struct DirectionMessage {
  Message message;
  PacketStamp stamp;         ///< of the packet that brought its last byte
  std::uint64_t offset = 0;  ///< of its first byte in the stream
};

/// One direction of a captured connection, cut into messages.
struct DirectionMessages {
  std::vector<DirectionMessage> messages;
  /// In words that go behind "client→server: ". Who is the client is not known here.
  std::vector<std::string> problems;
  /// "TLS", "HTTP", …: the first bytes are those of another protocol. Empty otherwise.
  std::string foreign_protocol;
  /// Why its first bytes are no message. Empty if they are one, or too few to tell.
  std::string first_error;
  /// The header of a message, whole or not, was seen.
  bool has_plausible_header = false;
  bool has_data = false;
};

/// Reads what `sender` sent, up to the first gap or the first bytes that cannot be framed. Never fails: what
/// is wrong stands in the result. `table` gives the numbers of the body-less types; `format` is nullptr for
/// JITServer's own.
DirectionMessages readDirectionMessages(const CapturedConnection& connection, Peer sender,
                                        const MessageTable& table, const WireLimits& limits,
                                        const MessageFormat* format);

}  // namespace jitrig
