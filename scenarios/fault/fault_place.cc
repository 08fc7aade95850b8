#include "scenarios/fault/fault_place.h"

#include <algorithm>
#include <array>

namespace jitrig {
namespace {

constexpr std::array<FaultPlaceName, 8> kPlaces{{
    {FaultPlace::beforeMessage, "before_message", "not one byte of it has passed"},
    {FaultPlace::insideSize, "inside_size", "2 of the 4 bytes of the size field have"},
    {FaultPlace::insideHeader, "inside_header",
     "9 of the 16 bytes of size and meta data have (of a jitaas frame: 5 of 8)"},
    {FaultPlace::insideDescriptor, "inside_descriptor",
     "the header and 3 bytes of the first descriptor have"},
    {FaultPlace::insidePayload, "inside_payload", "half of what follows the first descriptor has"},
    {FaultPlace::lastByteMissing, "last_byte_missing", "all but one byte has"},
    {FaultPlace::afterMessage, "after_message", "the whole message has, and nothing behind it"},
    {FaultPlace::atByte, "at_byte", "so many bytes of it have as `byte` says"},
}};

/// Bytes of a unit before certain places.
struct Layout {
  std::size_t inside_size;
  std::size_t inside_header;
  std::size_t header;
  std::size_t descriptor;
};

/// A TLS record has no descriptors, nor has a frame: insideDescriptor is 3 bytes behind its header,
/// insidePayload half of what follows the header.
constexpr Layout layoutOf(FaultUnit unit) {
  switch (unit) {
    case FaultUnit::message: return {2, 9, 16, 8};
    case FaultUnit::frame: return {2, 5, 8, 0};
    case FaultUnit::tlsRecord: break;
  }
  return {4, 2, 5, 0};
}

}  // namespace

std::span<const FaultPlaceName> faultPlaces() {
  return kPlaces;
}

std::string_view toString(FaultPlace place) {
  return kPlaces[static_cast<std::size_t>(place)].name;
}

std::optional<FaultPlace> parseFaultPlace(std::string_view text) {
  const auto found = std::ranges::find(kPlaces, text, &FaultPlaceName::name);
  return found == kPlaces.end() ? std::nullopt : std::optional(found->place);
}

std::optional<std::size_t> offsetOf(FaultPlace place, std::uint64_t byte, std::size_t size, FaultUnit unit) {
  const Layout layout = layoutOf(unit);
  const std::size_t first_payload = layout.header + layout.descriptor;
  switch (place) {
    case FaultPlace::beforeMessage: return 0;
    case FaultPlace::insideSize: return layout.inside_size;
    case FaultPlace::insideHeader: return layout.inside_header;
    case FaultPlace::insideDescriptor: return std::min(layout.header + 3, size - 1);
    case FaultPlace::insidePayload:
      return size <= first_payload ? size - 1
                                   : std::min(first_payload + (size - first_payload) / 2, size - 1);
    case FaultPlace::lastByteMissing: return size - 1;
    case FaultPlace::afterMessage: return size;
    case FaultPlace::atByte: break;
  }
  return byte <= size ? std::optional<std::size_t>(byte) : std::nullopt;
}

}  // namespace jitrig
