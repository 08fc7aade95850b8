#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace jitrig {

/// A line of a file in data/.
struct JitaasMessageType {
  std::int32_t number;
  std::string_view name;
};

/// The message types of one release of the older generation: one enumeration for both directions.
struct JitaasMessageTypes {
  std::string_view release;                  ///< "0.18.0"
  std::uint32_t protocol_minor;              ///< of the version that a client announces; the major one is 0
  std::span<const JitaasMessageType> types;  ///< in numeric order

  /// The type's name; "#305" if this release has no such number.
  std::string nameOf(std::int32_t number) const;
  /// nullopt if this release has no such type.
  std::optional<std::int32_t> numberOf(std::string_view name) const;
};

/// All releases, oldest first, compiled in (tools/embed_message_types.py writes the definition).
std::span<const JitaasMessageTypes> jitaasReleases();

/// nullptr if there is no such release.
const JitaasMessageTypes* findJitaasRelease(std::string_view release);

}  // namespace jitrig
