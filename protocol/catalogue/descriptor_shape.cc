#include "protocol/catalogue/descriptor_shape.h"

#include <fmt/core.h>
#include <utility>

namespace jitrig {

namespace {

using Kind = WireType::Kind;

constexpr std::uint32_t kWide = 8;

std::uint32_t alignmentOf(std::uint32_t size_bytes) {
  return size_bytes > 4 ? kWide : 4;
}

DescriptorShape vectorShape(const WireType& element) {
  const std::uint32_t element_size = simpleVectorElementSize(element);
  if (element_size == 0) return {DataType::VECTOR, std::nullopt, 0, 4};
  return {DataType::SIMPLE_VECTOR, std::nullopt, element_size, alignmentOf(element_size)};
}

std::string sizeText(const DescriptorShape& shape) {
  if (!shape.payload_size_bytes) return "";
  const std::uint32_t size = *shape.payload_size_bytes;
  std::string text = fmt::format(", {} {}", size, size == 1 ? "byte" : "bytes");
  if (*shape.paddingBytes() != 0) text += fmt::format(" and {} of padding", *shape.paddingBytes());
  return text;
}

}  // namespace

std::optional<std::uint32_t> DescriptorShape::paddingBytes() const {
  if (!payload_size_bytes) return std::nullopt;
  return (4 - *payload_size_bytes % 4) % 4;
}

DescriptorShape descriptorShape(const WireType& type) {
  switch (type.kind) {
    case Kind::int32: return {DataType::INT32, 4, 0, 4};
    case Kind::int64: return {DataType::INT64, 8, 0, kWide};
    case Kind::uint32: return {DataType::UINT32, 4, 0, 4};
    case Kind::uint64: return {DataType::UINT64, 8, 0, kWide};
    case Kind::boolean: return {DataType::BOOL, 1, 0, 4};
    case Kind::string: return {DataType::STRING, std::nullopt, 0, 4};
    case Kind::object: return {DataType::OBJECT, type.object_size, 0, alignmentOf(type.object_size)};
    case Kind::vector: return vectorShape(type.elements.front());
    case Kind::tuple: return {DataType::TUPLE, std::nullopt, 0, 4};
  }
  std::unreachable();
}

std::string describeDescriptor(const WireType& type) {
  const DescriptorShape shape = descriptorShape(type);
  std::string text(toString(shape.type));
  text += sizeText(shape);
  if (shape.type == DataType::SIMPLE_VECTOR)
    text += fmt::format(" of {}-byte elements", shape.element_size_bytes);
  if (shape.type == DataType::VECTOR)
    text += fmt::format(" of {}", toString(descriptorShape(type.elements.front()).type));
  if (shape.type == DataType::TUPLE) text += fmt::format(" of {}", type.elements.size());
  if (shape.alignment_bytes == kWide) text += ", aligned to 8";
  if (type.kind == Kind::vector) text += ", or EMPTY_VECTOR";
  return text;
}

}  // namespace jitrig
