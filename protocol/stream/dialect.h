#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/catalogue/message_table.h"
#include "protocol/stream/direction.h"
#include "protocol/stream/message_format.h"
#include "protocol/wire/message.h"

namespace jitrig {

struct AOTLayout;

/// What one peer speaks: the message types of a release and build, the version and configuration it
/// announces, and the numbers that streams themselves have to know. Immutable; shared by all streams of a
/// peer.
struct Dialect {
  std::shared_ptr<const MessageTable> table;
  FullVersion announced;
  BodylessTypes bodyless;
  /// How its messages look on a connection; nullptr: as they are (JITServer's own format).
  std::shared_ptr<const MessageFormat> format;

  std::uint16_t compilation_code = 0;
  std::uint16_t compilation_failure = 0;
  std::uint16_t compilation_request = 0;
  std::uint16_t compilation_interrupted = 0;
  std::uint16_t client_session_terminate = 0;
  std::uint16_t connection_terminate = 0;
  std::optional<std::uint16_t> aot_cache_map_request;  ///< not in the older releases
  std::optional<std::uint16_t> aot_cache_map_reply;
  std::vector<std::uint16_t> final_types;  ///< end a compilation, without an answer

  std::uint32_t status_version_incompatible = 0;
  std::uint32_t status_message_type_mismatch = 0;
  /// Two data points from 0.25.0 on, one before (semantics.md, section 5).
  std::size_t compilation_failure_arity = 2;
  /// Replies of type-correct zeros, encoded, by the number of their type; see defaultReply(). Shared, for
  /// copies.
  std::shared_ptr<const std::vector<std::vector<std::byte>>> default_replies;

  /// AOTLayout::of() it; null: the release has no such cache.
  std::shared_ptr<const AOTLayout> aot_layout;

  /// The error names what the table lacks.
  static std::expected<std::shared_ptr<const Dialect>, std::string> make(
      std::shared_ptr<const MessageTable> table, FullVersion announced,
      std::shared_ptr<const MessageFormat> format = nullptr);

  /// "jitserver", or the format's name.
  std::string_view protocol() const { return format == nullptr ? "jitserver" : format->name(); }

  /// As `sender` writes it on a connection.
  std::vector<std::byte> encode(MessageView message, Direction sender) const;

  /// The reply to a query with zeros of the right types, encoded; a single Void where the release does not
  /// say. Empty for numbers that it does not have.
  std::span<const std::byte> defaultReply(std::uint16_t type) const;

  /// "VM_isClassArray"; "#305" where the release has no such number.
  std::string typeName(std::uint16_t number) const;

  /// Whether this message of the server ends a compilation without expecting an answer.
  bool endsCompilation(std::uint16_t type) const;
};

/// head, JDK 17, x86-64, compressed references: version 1.105, configuration 0x3011. Made at the first
/// call (about a millisecond), then always the same object.
std::shared_ptr<const Dialect> defaultDialect();

}  // namespace jitrig
