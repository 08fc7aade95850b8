#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/packet_builder_test_support.h"
#include "protocol/catalogue/catalogue.h"
#include "protocol/wire/message.h"

// Small messages of head's catalogue, for this room's tests.
namespace jitrig::test {

inline const MessageTable& headTable() {
  static const auto kTable = Catalogue::builtIn().defaultTable();
  return *kTable;
}

inline std::uint16_t numberOf(std::string_view name) {
  return headTable().numberOf(name).value();
}

/// The bytes of a message with one STRING: what the types expect does not matter to a conversation.
inline std::vector<std::byte> messageBytes(std::string_view type, std::string_view text = "text") {
  Message message(numberOf(type));
  message.addDataPoint(DataType::STRING, bytesOf(text));
  const auto bytes = message.serialize();
  return {bytes.begin(), bytes.end()};
}

inline std::vector<std::byte> bodylessBytes(std::string_view type, std::uint16_t stale_count) {
  const Message message(numberOf(type));
  std::vector<std::byte> bytes(message.serialize().begin(), message.serialize().end());
  bytes[14] = static_cast<std::byte>(stale_count & 0xffU);
  bytes[15] = static_cast<std::byte>(stale_count >> 8U);
  return bytes;
}

}  // namespace jitrig::test
