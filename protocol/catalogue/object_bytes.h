#pragma once

#include <array>
#include <cstddef>

namespace jitrig {

/// A struct or enum of which only the size is known here; its fields are in the catalogue's struct layouts.
/// Travels as OBJECT of kSize bytes.
template <std::size_t kSize>
struct ObjectBytes {
  std::array<std::byte, kSize> bytes{};

  friend bool operator==(const ObjectBytes&, const ObjectBytes&) = default;
};

}  // namespace jitrig
