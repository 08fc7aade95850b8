#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace jitrig {

/// What one data point of a message type looks like on the wire: the catalogue's counterpart of a C++ type.
/// Text form: "vector<tuple<object(96), vector<object(24)>>>".
struct WireType {
  /// `vector` stands for all three encodings of a vector (spec: wire.md, VECTOR, SIMPLE_VECTOR,
  /// EMPTY_VECTOR).
  enum class Kind : std::uint8_t { int32, int64, uint32, uint64, boolean, string, object, vector, tuple };

  Kind kind = Kind::int32;
  /// object only: sizeof, at least 1.
  std::uint32_t object_size = 0;
  /// vector: its one element type. tuple: its element types, at least one. Otherwise empty.
  std::vector<WireType> elements;

  /// For the kinds that need no more: the integers, boolean and string.
  static WireType scalar(Kind kind) { return {kind, 0, {}}; }
  /// `size_bytes` is the C++ type's sizeof, at least 1.
  static WireType object(std::uint32_t size_bytes) { return {Kind::object, size_bytes, {}}; }
  /// A vector of any length, in whichever encoding its elements call for.
  static WireType vectorOf(WireType element) { return {Kind::vector, 0, {std::move(element)}}; }
  /// At least one element, in their order.
  static WireType tupleOf(std::vector<WireType> elements) { return {Kind::tuple, 0, std::move(elements)}; }

  /// Accepts exactly what toString writes, with any spaces between the parts. The error names the offset.
  static std::expected<WireType, std::string> parse(std::string_view text);

  bool operator==(const WireType&) const = default;
};

/// The text form, which WireType::parse reads.
std::string toString(const WireType& type);

/// "(string, object(8))", as the types of a request or reply are written.
std::string toString(const std::vector<WireType>& types);

/// sizeof of an element that a vector holds contiguously (SIMPLE_VECTOR), or 0 if the vector is a VECTOR of
/// nested data points: strings, vectors, tuples, and objects above 255 bytes.
std::uint32_t simpleVectorElementSize(const WireType& element);

}  // namespace jitrig
