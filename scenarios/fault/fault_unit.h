#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/stream/message_format.h"
#include "scenarios/fault/fault_place.h"

namespace jitrig {

/// What a message or a TLS record says of itself.
struct UnitHeader {
  std::size_t size = 0;    ///< of the whole, header included
  std::uint16_t type = 0;  ///< the message's, or the record's content type
};

/// Bytes from which a UnitHeader can be read.
constexpr std::size_t headerSizeOf(FaultUnit unit) {
  switch (unit) {
    case FaultUnit::message: return 16;
    case FaultUnit::frame: return 8;  // no peer of ours writes a shorter one
    case FaultUnit::tlsRecord: break;
  }
  return 5;
}

/// `header` has headerSizeOf() bytes; nullopt: these are no messages, or no TLS records. `format` is that of
/// frames.
std::optional<UnitHeader> parseUnitHeader(std::span<const std::byte> header, FaultUnit unit,
                                          const MessageFormat* format);

/// Whether bytes that begin so can become a unit; `begin` is shorter than a header.
bool mayBecomeUnit(std::span<const std::byte> begin, FaultUnit unit, const MessageFormat* format);

}  // namespace jitrig
