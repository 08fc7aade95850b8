#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace jitrig {

/// The wire's types (spec: wire.md, "Data point").
enum class DataType : std::uint8_t {
  INT32 = 0,
  INT64 = 1,
  UINT32 = 2,
  UINT64 = 3,
  BOOL = 4,
  STRING = 5,
  OBJECT = 6,
  ENUM = 7,  ///< never written, and refused
  VECTOR = 8,
  SIMPLE_VECTOR = 9,
  EMPTY_VECTOR = 10,
  TUPLE = 11,
};

/// Codes beyond it are refused (WireErrc::unknownDataType).
inline constexpr std::uint8_t kLastDataType = 11;

/// "INT32", "SIMPLE_VECTOR"; "unknown" beyond the table.
std::string_view toString(DataType type);

/// What stands before each data point, as it stands there.
struct DataDescriptor {
  DataType type;
  std::uint8_t padding;       ///< bytes behind the payload that mean nothing, 0 to 3
  std::uint8_t data_offset;   ///< bytes before the payload that align it to 8, 0 or 4
  std::uint8_t element_size;  ///< SIMPLE_VECTOR only
  std::uint32_t size;         ///< data offset + payload + padding, a multiple of 4

  std::uint32_t payloadSize() const { return size - padding - data_offset; }

  /// Holds nested data points: no padding, no data offset of its own.
  bool isContainer() const { return type == DataType::VECTOR || type == DataType::TUPLE; }
};
static_assert(sizeof(DataDescriptor) == 8);

/// Payloads of these start on a multiple of 8 counted from the message's start; all others on one of 4.
constexpr bool needsAlignment8(DataType type, std::uint32_t payload_or_element_size) {
  switch (type) {
    case DataType::UINT64:
    case DataType::INT64: return true;
    case DataType::OBJECT:
    case DataType::SIMPLE_VECTOR: return payload_or_element_size > 4;
    default: return false;
  }
}

/// The four bytes before an aligned payload that would not lie on a multiple of 8 otherwise. `offset` is that
/// of the descriptor: all are multiples of 4, and descriptors are 8 bytes long.
constexpr std::uint32_t fillerSize(std::size_t offset) {
  return static_cast<std::uint32_t>(offset & 4U);
}

/// The next multiple of 4.
constexpr std::uint32_t paddedSize(std::uint32_t payload_size) {
  return (payload_size + 3U) & ~std::uint32_t{3};
}

/// A descriptor as a real peer writes it, as the 64-bit number that its bytes are: writing one is one store,
/// and knowing one again is one comparison. All of it is constant where the arguments are.
constexpr std::uint64_t canonicalDescriptor(DataType type, std::uint32_t payload_size, std::uint32_t filler,
                                            std::uint8_t element_size = 0) {
  const std::uint32_t padded = paddedSize(payload_size);
  return std::uint64_t{static_cast<std::uint8_t>(type)} | std::uint64_t{padded - payload_size} << 8U |
         std::uint64_t{filler} << 16U | std::uint64_t{element_size} << 24U |
         (std::uint64_t{filler} + padded) << 32U;
}
static_assert(std::bit_cast<DataDescriptor>(canonicalDescriptor(DataType::SIMPLE_VECTOR, 5, 4, 9)).size ==
              12);
static_assert(std::bit_cast<DataDescriptor>(canonicalDescriptor(DataType::SIMPLE_VECTOR, 5, 4, 9)).padding ==
              3);

}  // namespace jitrig
