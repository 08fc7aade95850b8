#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/stream/direction.h"
#include "protocol/wire/framer.h"
#include "protocol/wire/message.h"
#include "protocol/wire/wire_limits.h"

namespace jitrig {

/// What a received message is not that it should be, though it can be read: told once it is known that it was
/// due, since a peer of another version means other values.
struct FormatMisfit {
  bool is_arity = false;  ///< another number of values; otherwise a value of another type
  std::string what;       ///< "data[1]: received uint64_v (tag 3, a uint64), expected void* (tag 7)"
};

/// How another generation's messages look on a connection: what stands between a Message, which all above the
/// streams know, and its bytes. JITServer's own need none: there a Message is its bytes. Immutable, so any
/// task may use it.
class MessageFormat {
 public:
  MessageFormat() = default;
  MessageFormat(const MessageFormat&) = delete;
  MessageFormat& operator=(const MessageFormat&) = delete;
  virtual ~MessageFormat() = default;

  /// "jitaas".
  virtual std::string_view name() const = 0;

  /// For the Framer that cuts a connection's bytes into frames, each of which is one message.
  virtual Framer::Announcement announcement() const = 0;

  /// How many first bytes of a frame say its type, if it has so many.
  virtual std::size_t headerSize() const = 0;
  /// The message type, of headerSize() bytes of a frame, or of all if there are fewer; nullopt: they are no
  /// frame's, or its type is none that a message can have.
  virtual std::optional<std::uint16_t> typeOf(std::span<const std::byte> begin) const = 0;

  /// The frame of a message, which `sender` says.
  virtual std::vector<std::byte> encode(MessageView message, Direction sender) const = 0;

  /// Makes `message` what a whole frame says, in the storage that it has; a sender who is not known is
  /// nullopt. The error is in words; `message` is then any. A misfit is none.
  virtual std::expected<std::optional<FormatMisfit>, std::string> decode(std::span<const std::byte> frame,
                                                                         std::optional<Direction> sender,
                                                                         const WireLimits& limits,
                                                                         Message& message) const = 0;
};

/// The frames of JITServer messages that stand one behind the other; from the first bytes on that are none,
/// they stay as they are.
std::vector<std::byte> framesOf(std::span<const std::byte> messages, const MessageFormat& format,
                                Direction sender);

}  // namespace jitrig
