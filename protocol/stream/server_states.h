#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/stream/dialect.h"
#include "protocol/wire/message_view.h"
#include "protocol/wire/value.h"

namespace jitrig {

/// How much memory a server has left, as its final messages say; the numbers are those on the wire.
enum class ServerMemoryState : std::uint8_t { veryLow = 0, low = 1, normal = 2 };

/// How many of its compilation threads a server uses, as its final messages say; the numbers are those on the
/// wire.
enum class ServerActiveThreadsState : std::uint8_t { veryHigh = 0, high = 1, normal = 2 };

/// "very_low", "low", "normal", and back.
std::string_view toString(ServerMemoryState state);
std::optional<ServerMemoryState> parseServerMemoryState(std::string_view name);
/// "very_high", "high", "normal".
std::string_view toString(ServerActiveThreadsState state);

/// How a server is (semantics.md, section 6).
struct ServerStates {
  ServerMemoryState memory = ServerMemoryState::normal;
  ServerActiveThreadsState threads = ServerActiveThreadsState::normal;
  friend bool operator==(ServerStates, ServerStates) = default;
};

/// Which data points of a final message tell of it: those that the release has.
struct ServerStatePlaces {
  std::optional<std::size_t> memory;
  std::optional<std::size_t> threads;

  bool any() const { return memory || threads; }
};

/// In messages of this type. compilationFailure carries the memory's state with compilationLowPhysicalMemory
/// alone, so it has none here.
ServerStatePlaces serverStatePlaces(const Dialect& dialect, std::uint16_t type);

/// Writes the states where `values`, of a message of this type, have them; of a compilationFailure only if
/// its status is compilationLowPhysicalMemory.
void putServerStates(const Dialect& dialect, std::uint16_t type, std::span<Value> values,
                     ServerStates states);

/// What a final message says of its server. nullopt: nothing, or a number that is none.
struct SaidServerStates {
  std::optional<ServerMemoryState> memory;
  std::optional<ServerActiveThreadsState> threads;
  friend bool operator==(const SaidServerStates&, const SaidServerStates&) = default;
};

/// `message` is validated, of the type that its header says.
SaidServerStates saidServerStates(const Dialect& dialect, MessageView message);

}  // namespace jitrig
