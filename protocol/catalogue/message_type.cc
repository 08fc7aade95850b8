#include "protocol/catalogue/message_type.h"

#include <utility>

namespace jitrig {

bool isBodyless(const MessageType& type) {
  return type.name == "compilationInterrupted" || type.name == "connectionTerminate";
}

bool opensConnection(const MessageType& type) {
  return type.name == "compilationRequest" || type.name == "clientSessionTerminate" ||
         type.name == "AOTCacheMap_request";
}

const char* toString(MessageType::Direction direction) {
  switch (direction) {
    case MessageType::Direction::query: return "query";
    case MessageType::Direction::clientToServer: return "client";
    case MessageType::Direction::serverToClient: return "server";
  }
  std::unreachable();
}

}  // namespace jitrig
