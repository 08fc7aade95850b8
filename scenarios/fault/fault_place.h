#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "scenarios/fault/fault.h"

namespace jitrig {

/// A FaultPlace as files and options spell it.
struct FaultPlaceName {
  FaultPlace place;
  std::string_view name;      ///< "inside_size"
  std::string_view sentence;  ///< what has passed by then
};

/// All places, in the order of the enumeration.
std::span<const FaultPlaceName> faultPlaces();

/// "inside_size".
std::string_view toString(FaultPlace place);
/// The inverse of toString; nullopt for any other text.
std::optional<FaultPlace> parseFaultPlace(std::string_view text);

/// What units the bytes of a layer consist of.
enum class FaultUnit : std::uint8_t {
  message,  ///< JITServer's
  frame,    ///< a message of a dialect with a format of its own
  tlsRecord,
};

inline constexpr std::size_t kFaultUnits = 3;

/// How many bytes of the unit have passed at that place; nullopt where `byte` is beyond its end. `size` is
/// that of the whole unit, header included.
std::optional<std::size_t> offsetOf(FaultPlace place, std::uint64_t byte, std::size_t size, FaultUnit unit);

}  // namespace jitrig
