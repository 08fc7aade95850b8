#include "scenarios/fault/fault_unit.h"

#include <cstring>

#include "protocol/wire/message_validation.h"
#include "protocol/wire/wire_limits.h"

namespace jitrig {
namespace {

constexpr std::size_t kTypeOffset = 12;         // wire.md, "Frame = message"
constexpr std::size_t kRecordLengthOffset = 3;  // RFC 8446, section 5.1
constexpr unsigned kFirstContentType = 20;
constexpr unsigned kLastContentType = 24;
constexpr unsigned kMajorVersion = 3;
constexpr std::size_t kMaxRecordBytes = (std::size_t{1} << 14U) + 2048;  // TLS 1.2 may add so many

template <class T>
T load(std::span<const std::byte> bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

/// A big-endian peer's version word, as the Framer knows it.
bool isByteSwapped(std::uint32_t version) {
  return (version & 0xFF0000FFU) == 1;
}

bool mayBecomeMessage(std::span<const std::byte> begin) {
  if (begin.size() >= 4 && !announcedSize(begin, WireLimits{})) return false;
  return begin.size() < 8 || !isByteSwapped(load<std::uint32_t>(begin, 4));
}

bool mayBecomeRecord(std::span<const std::byte> begin) {
  if (begin.empty()) return true;
  const auto content = std::to_integer<unsigned>(begin[0]);
  if (content < kFirstContentType || content > kLastContentType) return false;
  return begin.size() < 2 || std::to_integer<unsigned>(begin[1]) == kMajorVersion;
}

}  // namespace

std::optional<UnitHeader> parseUnitHeader(std::span<const std::byte> header, FaultUnit unit,
                                          const MessageFormat* format) {
  if (unit == FaultUnit::frame) {
    const auto announced = format->announcement()(header, WireLimits{});
    if (!announced || !*announced || **announced < header.size()) return std::nullopt;
    const auto type = format->typeOf(header);
    if (!type) return std::nullopt;
    return UnitHeader{**announced, *type};
  }
  if (unit == FaultUnit::message) {
    const auto size = announcedSize(header, WireLimits{});
    if (!size || isByteSwapped(load<std::uint32_t>(header, 4))) return std::nullopt;
    return UnitHeader{*size, load<std::uint16_t>(header, kTypeOffset)};
  }
  if (!mayBecomeRecord(header)) return std::nullopt;
  const std::size_t length = std::to_integer<std::size_t>(header[kRecordLengthOffset]) << 8U |
                             std::to_integer<std::size_t>(header[kRecordLengthOffset + 1]);
  if (length > kMaxRecordBytes) return std::nullopt;
  return UnitHeader{headerSizeOf(unit) + length, std::to_integer<std::uint16_t>(header[0])};
}

bool mayBecomeUnit(std::span<const std::byte> begin, FaultUnit unit, const MessageFormat* format) {
  if (unit == FaultUnit::frame) return format->announcement()(begin, WireLimits{}).has_value();
  return unit == FaultUnit::message ? mayBecomeMessage(begin) : mayBecomeRecord(begin);
}

}  // namespace jitrig
