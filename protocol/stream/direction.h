#pragma once

#include <cstdint>
#include <string_view>

namespace jitrig {

/// Who sends a message.
enum class Direction : std::uint8_t { client, server };

/// That of the answer.
constexpr Direction otherDirection(Direction direction) {
  return direction == Direction::client ? Direction::server : Direction::client;
}

/// "client", "server".
constexpr std::string_view toString(Direction sender) {
  return sender == Direction::client ? "client" : "server";
}

}  // namespace jitrig
