#include <algorithm>
#include <cstring>
#include <string_view>

#include "protocol/jitaas/frame_values.h"
#include "protocol/jitaas/type_tag.h"

// What calls itself here is as deep as the message's containers are inside each other.
// NOLINTBEGIN(misc-no-recursion)

namespace jitrig {
namespace {

using JITServer::Any;
using JITServer::AnyData;
using Shape = WireType::Kind;

template <class T>
T payloadOf(const DataPoint& point) {
  T value{};
  const auto payload = point.payload();
  std::memcpy(&value, payload.data(), std::min(sizeof value, payload.size()));
  return value;
}

std::size_t countOf(const DataPointRange& points) {
  return static_cast<std::size_t>(std::ranges::distance(points.begin(), points.end()));
}

bool hasShape(DataType data_type, Shape shape) {
  switch (shape) {
    case Shape::int32: return data_type == DataType::INT32;
    case Shape::uint32: return data_type == DataType::UINT32;
    case Shape::int64: return data_type == DataType::INT64;
    case Shape::uint64: return data_type == DataType::UINT64;
    case Shape::boolean: return data_type == DataType::BOOL;
    case Shape::string: return data_type == DataType::STRING;
    case Shape::object: return data_type == DataType::OBJECT;
    case Shape::tuple: return data_type == DataType::TUPLE;
    case Shape::vector:
      return data_type == DataType::VECTOR || data_type == DataType::SIMPLE_VECTOR ||
             data_type == DataType::EMPTY_VECTOR;
  }
  return false;
}

/// Whether the data point itself is of the type; what is in it goes by itself.
bool isOf(const DataPoint& point, const CarriedType& type) {
  if (!hasShape(point.type(), type.shape)) return false;
  if (type.shape == Shape::object) return point.payload().size() == type.object_size;
  if (type.shape == Shape::tuple) return countOf(point.elements()) == type.elements.size();
  if (point.type() == DataType::SIMPLE_VECTOR) {
    return point.descriptor().element_size == type.simple_element_size;
  }
  return true;
}

std::uint64_t tagOfObject(std::size_t size_bytes) {
  return jitaas_detail::tagOfHash(jitaas_detail::hashOf("object", {size_bytes}));
}

std::uint64_t tagOfSimpleVector(std::size_t element_size) {
  switch (element_size) {
    case sizeof(std::uint8_t): return kTypeTag<std::vector<std::uint8_t>>;
    case sizeof(std::uint32_t): return kTypeTag<std::vector<std::uint32_t>>;
    case sizeof(void*): return kTypeTag<std::vector<void*>>;
    default: return jitaas_detail::tagOfHash(jitaas_detail::hashOf("vector", {tagOfObject(element_size)}));
  }
}

std::uint64_t tagOfVector(const DataPoint& vector) {
  const bool is_empty = vector.type() == DataType::EMPTY_VECTOR || vector.elements().empty();
  if (is_empty || (*vector.elements().begin()).type() == DataType::STRING)
    return kTypeTag<std::vector<std::string>>;
  return jitaas_detail::tagOfHash(jitaas_detail::hashOf("vector"));
}

void addElements(AnyData& data, const DataPoint& vector, const CarriedType* type);

/// By its type.
void writeAs(Any& any, const DataPoint& point, const CarriedType& type);

/// Appends a value with the tag of its type; with that of what it is where it has another. Returns the tag.
std::uint64_t addTagged(AnyData& data, const DataPoint& point, const CarriedType* type);

std::uint64_t addMembers(AnyData& data, const DataPoint& tuple, const std::vector<CarriedType>* types) {
  std::uint64_t hash = jitaas_detail::hashOf("tuple");
  std::size_t index = 0;
  for (const DataPoint member : tuple.elements()) {
    const std::uint64_t tag = addTagged(data, member, types != nullptr ? &(*types)[index] : nullptr);
    hash = jitaas_detail::hashWith(hash, tag);
    ++index;
  }
  return jitaas_detail::tagOfHash(hash);
}

/// A member's content by what the data point is; returns its tag.
std::uint64_t writePlain(Any& any, const DataPoint& point) {
  switch (point.type()) {
    case DataType::INT32:
      any_data::setInt32(any, payloadOf<std::int32_t>(point));
      return kTypeTag<std::int32_t>;
    case DataType::UINT32:
      any_data::setUint32(any, payloadOf<std::uint32_t>(point));
      return kTypeTag<std::uint32_t>;
    case DataType::INT64:
      any_data::setInt64(any, payloadOf<std::int64_t>(point));
      return kTypeTag<std::int64_t>;
    case DataType::UINT64:
      any_data::setUint64(any, payloadOf<std::uint64_t>(point));
      return kTypeTag<std::uint64_t>;
    case DataType::BOOL: any_data::setBool(any, payloadOf<std::uint8_t>(point) != 0); return kTypeTag<bool>;
    case DataType::STRING: any_data::setBytes(any, point.payload()); return kTypeTag<std::string>;
    case DataType::TUPLE: return addMembers(any_data::mutableVector(any), point, nullptr);
    case DataType::SIMPLE_VECTOR:
      addElements(any_data::mutableVector(any), point, nullptr);
      return tagOfSimpleVector(point.descriptor().element_size);
    case DataType::VECTOR:
    case DataType::EMPTY_VECTOR:
      addElements(any_data::mutableVector(any), point, nullptr);
      return tagOfVector(point);
    case DataType::OBJECT:
    case DataType::ENUM: break;
  }
  const auto payload = point.payload();
  if (payload.size() == sizeof(void*)) {  // most are pointers
    any_data::setUint64(any, payloadOf<std::uint64_t>(point));
    return kTypeTag<void*>;
  }
  if (payload.size() == 1 && payload[0] == std::byte{0}) {
    any_data::setBool(any, false);
    return kTypeTag<Void>;
  }
  any_data::setBytes(any, payload);
  return tagOfObject(payload.size());
}

void writeAs(Any& any, const DataPoint& point, const CarriedType& type) {
  switch (type.shape) {
    case Shape::object:
      if (type.kind == AnyKind::uint64) {
        any_data::setUint64(any, payloadOf<std::uint64_t>(point));
      } else if (type.isVoid()) {
        any_data::setBool(any, false);
      } else {
        any_data::setBytes(any, point.payload());
      }
      return;
    case Shape::tuple: addMembers(any_data::mutableVector(any), point, &type.elements); return;
    case Shape::vector: addElements(any_data::mutableVector(any), point, &type.elements.front()); return;
    default: writePlain(any, point);
  }
}

std::uint64_t addTagged(AnyData& data, const DataPoint& point, const CarriedType* type) {
  Any& any = any_data::add(data);
  std::uint64_t tag = 0;
  if (type != nullptr && isOf(point, *type)) {
    writeAs(any, point, *type);
    tag = type->tag;
  } else {
    tag = writePlain(any, point);
  }
  any_data::setTag(any, tag);
  return tag;
}

void addSimpleElements(AnyData& data, const DataPoint& vector) {
  const std::size_t element_size = vector.descriptor().element_size;
  auto bytes = vector.payload();
  while (!bytes.empty()) {
    any_data::setBytes(any_data::add(data), bytes.first(element_size));
    bytes = bytes.subspan(element_size);
  }
}

/// Without tags, and integers as bytes.
void addElements(AnyData& data, const DataPoint& vector, const CarriedType* type) {
  if (vector.type() == DataType::EMPTY_VECTOR) return;
  if (vector.type() == DataType::SIMPLE_VECTOR) return addSimpleElements(data, vector);
  for (const DataPoint element : vector.elements()) {
    Any& any = any_data::add(data);
    const bool is_typed = type != nullptr && isOf(element, *type);
    if (element.type() == DataType::TUPLE) {
      addMembers(any_data::mutableVector(any), element, is_typed ? &type->elements : nullptr);
    } else if (hasShape(element.type(), Shape::vector)) {
      addElements(any_data::mutableVector(any), element, is_typed ? &type->elements.front() : nullptr);
    } else {
      any_data::setBytes(any, element.payload());
    }
  }
}

}  // namespace

void addFrameValues(AnyData& data, MessageView message, const JitaasSignatures::Types* types) {
  std::size_t index = 0;
  for (const DataPoint point : message.dataPoints()) {
    addTagged(data, point, types != nullptr && index < types->size() ? &(*types)[index] : nullptr);
    ++index;
  }
}

}  // namespace jitrig

// NOLINTEND(misc-no-recursion)
