#include "protocol/catalogue/message_type.h"

#include <utility>

namespace jitrig {

const char* toString(MessageType::Direction direction) {
  switch (direction) {
    case MessageType::Direction::query: return "query";
    case MessageType::Direction::clientToServer: return "client";
    case MessageType::Direction::serverToClient: return "server";
  }
  std::unreachable();
}

}  // namespace jitrig
