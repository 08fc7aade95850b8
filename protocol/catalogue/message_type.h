#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/catalogue/wire_type.h"

namespace jitrig {

/// One message type of one release and build: its number, and the data points of both directions.
struct MessageType {
  /// Who starts, and whether the other side answers with a message of the same type.
  enum class Direction : std::uint8_t {
    query,           ///< server asks, client replies
    clientToServer,  ///< one way, or answered by queries and a final message (compilationRequest)
    serverToClient,  ///< one way: the final messages of a compilation, AOTCacheMap_reply
  };

  std::string name;
  std::uint16_t number = 0;
  Direction direction = Direction::query;

  /// The data points of the side that starts; nullopt: not known (nearly always a message that the server of
  /// that release never sends).
  std::optional<std::vector<WireType>> request;
  /// The data points of the answer; nullopt: not known, or there is none (see has_reply).
  std::optional<std::vector<WireType>> reply;
  bool has_reply = true;

  /// The C++ types as which the receivers unpack them, one per data point, as the sources of that release
  /// spell them. Empty where the types are unknown.
  std::vector<std::string> request_cpp;
  std::vector<std::string> reply_cpp;

  /// false: the client has a handler, but the server of that release and build never sends it.
  bool server_sends = true;
  /// On neither side: it only takes up a number.
  bool unused = false;
};

/// 16 bytes without data points (spec: wire.md, "Messages without a body").
bool isBodyless(const MessageType& type);

/// Whether it may be the first message of a connection (spec: wire.md, "Conversation rules").
bool opensConnection(const MessageType& type);

/// "query", "client", "server": the words of the data files and of tables.
const char* toString(MessageType::Direction direction);

}  // namespace jitrig
