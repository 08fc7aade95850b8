#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "capture/conversation.h"

namespace jitrig {

/// Where, relative to the message that sets it off, a fault happens: everything before that place has passed
/// unharmed. Of a message without data points, insideDescriptor and insidePayload are its last byte.
enum class FaultPlace : std::uint8_t {
  beforeMessage,     ///< not one byte of it has passed
  insideSize,        ///< 2 of the 4 bytes of the size field have
  insideHeader,      ///< 9 of the 16 bytes of size and meta data have
  insideDescriptor,  ///< the header and 3 bytes of the first descriptor have
  insidePayload,     ///< half of what follows the first descriptor has
  lastByteMissing,   ///< all but one byte has
  afterMessage,      ///< the whole message has, and nothing behind it
  atByte,            ///< `FaultTrigger::byte` bytes of it have
};

/// When a fault happens. All that is given has to hold.
struct FaultTrigger {
  std::optional<Direction> direction;    ///< who sends the message; nullopt: either
  std::optional<std::uint16_t> type;     ///< of the message
  std::optional<std::uint64_t> message;  ///< the n-th of those of its direction on its connection, from 1
  /// The n-th of its direction since the compilationRequest, from 1: the request is its client's first, the
  /// first query its server's. Usually with `compilation`.
  std::optional<std::uint64_t> message_of_compilation;
  std::optional<std::uint64_t> compilation;   ///< belongs to the n-th compilationRequest of all, from 1
  std::optional<std::uint64_t> connection;    ///< the n-th that came about, from 1
  std::optional<std::int64_t> not_before_ms;  ///< of the Runtime's time
  std::optional<std::int64_t> not_after_ms;
  FaultPlace place = FaultPlace::beforeMessage;
  std::uint64_t byte = 0;                     ///< with FaultPlace::atByte
  std::uint32_t probability_ppm = 1'000'000;  ///< in a million; drawn from RandomPurpose::faults
  std::optional<std::uint64_t> count = 1;     ///< "the first two": so often, then never; nullopt: always
};

/// A fault as a file, an option or a generator says it: an action by its name in faultActions(), what the
/// action is told by name ("duration_ms": "1000"), and when.
struct FaultSpec {
  std::string action;
  std::map<std::string, std::string> parameters;
  FaultTrigger trigger;
  bool enabled = true;  ///< FaultSet::setEnabled() changes it while it runs
};

}  // namespace jitrig
