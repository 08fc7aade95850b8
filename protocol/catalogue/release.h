#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/catalogue/version_word.h"

namespace jitrig {

/// Two builds of one release number their messages differently (from 0.30.0 on) and do not tell each other.
enum class Build : std::uint8_t {
  openjdk,  ///< JDK 17 and later: OpenJDK method handles
  j9,       ///< JDK 8 and 11 by default: OpenJ9 method handles
};

/// "openjdk", "j9".
const char* toString(Build build);
/// The inverse of toString; nullopt for any other text.
std::optional<Build> parseBuild(std::string_view text);

/// A member of a struct, as the release declares it. `offset` and `size` in bytes.
struct StructField {
  std::string type;  ///< in C++
  std::string name;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;

  bool operator==(const StructField&) const = default;
};

/// A struct that travels as OBJECT or inside a string, laid out by the rules of x86-64.
struct StructLayout {
  std::string name;
  std::uint32_t size = 0;                ///< in the openjdk build
  std::optional<std::uint32_t> size_j9;  ///< nullopt: the j9 build does not have it
  std::vector<StructField> fields;       ///< of the openjdk build

  /// nullopt: that build does not have it.
  std::optional<std::uint32_t> sizeIn(Build build) const { return build == Build::openjdk ? size : size_j9; }

  bool operator==(const StructLayout&) const = default;
};

/// A name that the sources give a longer C++ type, a tuple nearly always: ClassInfoTuple.
struct TypeAlias {
  std::string name;
  std::string cpp_type;
};

/// A status of compilationFailure: its numbers differ between releases.
struct StatusCode {
  std::string name;
  std::uint32_t number = 0;
};

/// What is true of a whole release, whichever the build. Immutable once loaded.
struct Release {
  std::string name;  ///< "0.60.0", "head"
  std::uint32_t protocol_major = 0;
  std::uint32_t protocol_minor = 0;
  /// Whether the configuration word names the architecture (head) or not (up to 0.60.0).
  bool has_architecture_bits = false;
  std::vector<StatusCode> status_codes;
  std::vector<StructLayout> structs;
  std::vector<TypeAlias> aliases;  ///< each below those that it uses

  /// The number of a status as compilationFailure carries it.
  std::optional<std::uint32_t> statusCode(std::string_view status_name) const;

  /// The name of a status number. Where a marker shares its number (compilationFirstJITServerFailure), the
  /// status itself is meant.
  std::optional<std::string_view> statusName(std::uint32_t number) const;

  /// nullptr if the catalogue has no such layout, or no such alias.
  const StructLayout* findStruct(std::string_view struct_name) const;
  const TypeAlias* findAlias(std::string_view alias_name) const;

  std::uint32_t versionWord() const { return jitrig::versionWord(protocol_major, protocol_minor); }

  /// What a peer of this release announces: the configuration without its architecture where the release does
  /// not send it. Throws std::invalid_argument as Configuration::word does.
  FullVersion fullVersion(Configuration config) const;

  /// A JDK of that version on x86-64 with compressed references; head and 17: 0x01006900, 0x3011.
  FullVersion defaultVersion(unsigned java_version = 17) const {
    return fullVersion({java_version, true, Architecture::x86});
  }
};

}  // namespace jitrig
