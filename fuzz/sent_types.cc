#include "fuzz/sent_types.h"

namespace jitrig::fuzz {

const std::vector<WireType>* typesSentBy(Direction sender, const MessageTable& table, std::uint16_t number) {
  const MessageType* type = table.find(number);
  if (type == nullptr) return nullptr;
  const bool client_starts = type->direction == MessageType::Direction::clientToServer;
  if ((sender == Direction::client) == client_starts) return type->request ? &*type->request : nullptr;
  const bool is_answer = type->direction == MessageType::Direction::query;
  return is_answer && type->reply ? &*type->reply : nullptr;
}

}  // namespace jitrig::fuzz
