#pragma once

#include <compare>
#include <cstdint>

namespace jitrig {

/// An address in the process of the client, or of the server: to the other side it is a name for something,
/// nothing more. Travels as OBJECT of 8 bytes, as a pointer does.
struct RemotePointer {
  std::uint64_t address = 0;

  friend auto operator<=>(const RemotePointer&, const RemotePointer&) = default;
};

}  // namespace jitrig
