#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/stream/dialect.h"

namespace jitrig {

/// A number that no release has.
inline constexpr std::uint16_t kTypeOfNoRelease = 60'000;

/// The number of the type of this name; kTypeOfNoRelease if the dialect's release does not have it, since to
/// its peers what a younger one sends is unknown.
std::uint16_t typeNamed(const Dialect& dialect, std::string_view name);
/// A query that all releases have, of another type than this one.
std::uint16_t otherQueryThan(const Dialect& dialect, std::uint16_t type);

/// An encoded message, as it is or spoiled.
using EncodedMessage = std::vector<std::byte>;

/// What a peer that misbehaves makes of a correct message: a copy with one thing wrong. Each takes a whole,
/// canonical message; where there is nothing to spoil (no data point, none of the kind) it is returned as it
/// is.

EncodedMessage withType(std::span<const std::byte> message, std::uint16_t type);
/// Version word and configuration as that peer announces them.
EncodedMessage withVersion(std::span<const std::byte> message, FullVersion version);
/// Another size in the size field; the bytes stay.
EncodedMessage withSize(std::span<const std::byte> message, std::uint32_t size_bytes);
/// Another number of data points in the header; the bytes stay.
EncodedMessage withCount(std::span<const std::byte> message, std::uint16_t data_points);

/// The last data point is left out, and not counted.
EncodedMessage withTooFewDataPoints(std::span<const std::byte> message);
/// One bool more at the end.
EncodedMessage withTooManyDataPoints(std::span<const std::byte> message);
EncodedMessage withoutDataPoints(std::span<const std::byte> message);
/// The first data point is a string instead; a bool where it was one.
EncodedMessage withWrongDataType(std::span<const std::byte> message);
/// The first data point becomes an object of nine bytes.
EncodedMessage withWrongDataSize(std::span<const std::byte> message);
/// The first descriptor claims more bytes than the message has.
EncodedMessage withDescriptorBeyondEnd(std::span<const std::byte> message);
/// One more data point, a tuple whose string claims more bytes than the tuple has.
EncodedMessage withNestedLie(std::span<const std::byte> message);
/// One more data point, a vector of two that says it has 2^31 - 1.
EncodedMessage withVectorCountLie(std::span<const std::byte> message);
/// The first descriptor has type 7 (ENUM), which nobody writes.
EncodedMessage withEnumDataPoint(std::span<const std::byte> message);
/// Padding and filler hold what memory held; their bytes mean nothing.
EncodedMessage withDirtyPadding(std::span<const std::byte> message);
/// As a big-endian machine writes the header.
EncodedMessage withSwappedBytes(std::span<const std::byte> message);
EncodedMessage firstHalf(std::span<const std::byte> message);

/// A message of that type with type-correct zeros, as who starts it sends it.
EncodedMessage encodedRequest(const Dialect& dialect, std::uint16_t type);
/// 16 bytes: a message without data points.
EncodedMessage encodedBodyless(std::uint16_t type);
/// Several messages for one write.
EncodedMessage concatenated(std::span<const std::byte> first, std::span<const std::byte> second);

/// What its header says.
std::uint16_t typeOf(std::span<const std::byte> message);
/// What its header counts.
std::uint16_t dataPointsOf(std::span<const std::byte> message);

}  // namespace jitrig
