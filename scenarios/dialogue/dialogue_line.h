#pragma once

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/catalogue/version_word.h"
#include "protocol/runtime/instant.h"
#include "scenarios/dialogue/data_point_pattern.h"

namespace jitrig::dialogue {

/// One line of a dialogue: what one side says, and where in the test that is written.
struct DialogueLine {
  /// What can be said, besides messages.
  enum class Kind : std::uint8_t {
    message,
    bytes,    ///< just these, whatever they mean
    end,      ///< its side of the connection ends, behind what was said
    reset,    ///< the connection breaks
    silence,  ///< nothing comes for `duration`
  };

  Kind kind = Kind::message;
  std::source_location where{};
  std::string type_name{};  ///< of a message; empty: `type_number` says it
  std::uint16_t type_number = 0;
  std::vector<DataPointPattern> data_points{};
  std::optional<FullVersion> announced{};  ///< nullopt: whatever is usual
  std::string raw{};                       ///< of Kind::bytes
  Duration duration{};                     ///< of Kind::silence

  /// The message carries this version and configuration: {} for none.
  DialogueLine announcing(FullVersion version) && {
    announced = version;
    return std::move(*this);
  }
};

/// A message type by its name or number, and the line of the test that names it.
struct NamedType {
  // NOLINTBEGIN(google-explicit-constructor): message("VM_isClassArray", …) is what a dialogue reads as
  NamedType(const char* type_name, std::source_location here = std::source_location::current())
      : name(type_name), where(here) {}
  NamedType(std::string type_name, std::source_location here = std::source_location::current())
      : name(std::move(type_name)), where(here) {}
  NamedType(std::uint16_t type_number, std::source_location here = std::source_location::current())
      : number(type_number), where(here) {}
  // NOLINTEND(google-explicit-constructor)

  std::string name;
  std::uint16_t number = 0;
  std::source_location where;
};

/// A message with these data points: C++ values (a literal 1 is an int32_t), Values, Placeholders, kAnything,
/// and as the last one kTheRest.
template <class... T>
DialogueLine message(NamedType type, const T&... data_points) {
  DialogueLine line{.where = type.where, .type_name = std::move(type.name), .type_number = type.number};
  (line.data_points.emplace_back(data_points), ...);
  return line;
}

/// Bytes that need not be a message.
inline DialogueLine bytes(std::string_view raw, std::source_location here = std::source_location::current()) {
  return {.kind = DialogueLine::Kind::bytes, .where = here, .raw = std::string(raw)};
}

/// The end of what this side says. The other one may still speak.
inline DialogueLine ends(std::source_location here = std::source_location::current()) {
  return {.kind = DialogueLine::Kind::end, .where = here};
}

/// The connection breaks.
inline DialogueLine breaks(std::source_location here = std::source_location::current()) {
  return {.kind = DialogueLine::Kind::reset, .where = here};
}

/// The code under test says nothing for so long. For the simulation, where that takes no time and is exact.
inline DialogueLine silence(Duration duration, std::source_location here = std::source_location::current()) {
  return {.kind = DialogueLine::Kind::silence, .where = here, .duration = duration};
}

}  // namespace jitrig::dialogue
