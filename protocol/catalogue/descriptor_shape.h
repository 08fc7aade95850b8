#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/catalogue/wire_type.h"
#include "protocol/wire/data_descriptor.h"

namespace jitrig {

/// The descriptor that a real peer writes for a data point of a wire type (spec: wire.md, "Data point =
/// descriptor + data"). An empty vector has the descriptor EMPTY_VECTOR instead.
struct DescriptorShape {
  DataType type = DataType::INT32;
  /// Without padding; nullopt: it differs from message to message.
  std::optional<std::uint32_t> payload_size_bytes;
  std::uint32_t element_size_bytes = 0;  ///< of a SIMPLE_VECTOR
  /// Where the payload starts, counted from the message's start: 8 may need four bytes of filler.
  std::uint32_t alignment_bytes = 4;

  /// 0-3; nullopt as above.
  std::optional<std::uint32_t> paddingBytes() const;
};

/// For a vector the shape of one that is not empty.
DescriptorShape descriptorShape(const WireType& type);

/// "OBJECT, 824 bytes, aligned to 8", "SIMPLE_VECTOR of 8-byte elements, aligned to 8, or EMPTY_VECTOR".
std::string describeDescriptor(const WireType& type);

}  // namespace jitrig
