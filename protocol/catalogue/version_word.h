#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jitrig {

/// Offset 4 of a message: the protocol version (spec: wire.md, "Frame = message").
constexpr std::uint32_t versionWord(std::uint32_t major, std::uint32_t minor) {
  return major << 24U | minor << 8U;
}

/// Bits 13-15 of the configuration word. none: releases up to 0.60.0, which do not send it.
enum class Architecture : std::uint8_t { none, x86, powerLE, powerBE, z, arm, arm64 };

/// "x86", "PowerLE" …; 7, which no release uses, is "unknown architecture 7".
std::string toString(Architecture architecture);

/// Offset 8 of a message: what else must be equal on both sides.
struct Configuration {
  static constexpr unsigned kMaxJavaVersion = 0xfff;

  unsigned java_version = 17;  ///< at most kMaxJavaVersion
  bool compressed_references = true;
  Architecture architecture = Architecture::none;

  /// Throws std::invalid_argument for a Java version that does not fit.
  std::uint32_t word() const;
  /// Bits 16-31, which no release uses, are ignored.
  static Configuration fromWord(std::uint32_t word);

  bool operator==(const Configuration&) const = default;
};

/// Version and configuration as they travel; a server compares them as one 64-bit value. 0/0: not announced.
struct FullVersion {
  std::uint32_t version = 0;
  std::uint32_t config = 0;

  bool operator==(const FullVersion&) const = default;
};

/// Whether a version word comes from a peer of the other byte order (a big-endian one): no release has a
/// version word whose highest byte is zero and whose lowest is not.
constexpr bool looksByteSwapped(std::uint32_t version) {
  return version >> 24U == 0 && (version & 0xffU) != 0;
}

/// "protocol 1.105, JDK 17, compressed references on, architecture x86".
std::string describe(FullVersion version);

/// What keeps two sides from talking, with their names: "protocol: client 1.104, server 1.105; JDK: client
/// 11, server 17". A side that announces nothing or has the other byte order is said to. Empty if they are
/// equal.
std::string describeDifference(FullVersion first, std::string_view first_name, FullVersion second,
                               std::string_view second_name);

}  // namespace jitrig
