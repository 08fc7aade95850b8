#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace jitrig {

// Packet headers are big-endian. The caller has checked that the bytes are there.

/// The big-endian number at `offset`.
inline std::uint16_t readBig16(std::span<const std::byte> bytes, std::size_t offset) {
  return static_cast<std::uint16_t>((std::to_integer<unsigned>(bytes[offset]) << 8U) |
                                    std::to_integer<unsigned>(bytes[offset + 1]));
}

/// The big-endian number at `offset`.
inline std::uint32_t readBig32(std::span<const std::byte> bytes, std::size_t offset) {
  return (std::uint32_t{readBig16(bytes, offset)} << 16U) | readBig16(bytes, offset + 2);
}

/// Its bytes, the highest first.
inline void appendBig16(std::vector<std::byte>& out, std::uint16_t value) {
  out.push_back(static_cast<std::byte>(value >> 8U));
  out.push_back(static_cast<std::byte>(value & 0xffU));
}

/// Its bytes, the highest first.
inline void appendBig32(std::vector<std::byte>& out, std::uint32_t value) {
  appendBig16(out, static_cast<std::uint16_t>(value >> 16U));
  appendBig16(out, static_cast<std::uint16_t>(value & 0xffffU));
}

}  // namespace jitrig
