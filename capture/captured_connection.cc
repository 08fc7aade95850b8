#include "capture/captured_connection.h"

namespace jitrig {

std::string_view directionText(Peer sender) {
  return sender == Peer::initiator ? "initiator→responder" : "responder→initiator";
}

std::string_view toString(StreamEnd end) {
  switch (end) {
    case StreamEnd::open: return "open";
    case StreamEnd::fin: return "fin";
    case StreamEnd::reset: return "reset";
  }
  return "unknown";
}

std::vector<std::byte> CapturedConnection::bytesFrom(Peer sender) const {
  std::vector<std::byte> result;
  for (const CapturedChunk& chunk : chunks) {
    if (chunk.sender == sender) result.insert(result.end(), chunk.bytes.begin(), chunk.bytes.end());
  }
  return result;
}

}  // namespace jitrig
