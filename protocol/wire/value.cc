#include "protocol/wire/value.h"

#include <cstring>
#include <optional>
#include <type_traits>

namespace jitrig {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

template <class T>
std::span<const std::byte> bytesOf(const T& value) {
  return {reinterpret_cast<const std::byte*>(&value), sizeof(T)};
}

template <class T>
T payloadAs(const DataPoint& point) {
  T value;
  std::memcpy(&value, point.payload().data(), sizeof value);
  return value;
}

std::vector<std::byte> payloadBytes(const DataPoint& point) {
  return {point.payload().begin(), point.payload().end()};
}

std::vector<Value> toValues(const DataPointRange& points) {
  std::vector<Value> values;
  for (const DataPoint point : points) values.push_back(toValue(point));
  return values;
}

/// The payload of an element that a vector of simple elements would hold; nothing for others.
std::optional<std::span<const std::byte>> simpleElement(const Value& value) {
  return std::visit(Overloaded{[](const Value::Object& object) -> std::optional<std::span<const std::byte>> {
                                 if (object.bytes.empty() || object.bytes.size() > 255) return std::nullopt;
                                 return object.bytes;
                               },
                               [](const auto& data) -> std::optional<std::span<const std::byte>> {
                                 using T = std::remove_cvref_t<decltype(data)>;
                                 // bool is left out: no real peer can send a vector of it in any form.
                                 if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
                                   return bytesOf(data);
                                 return std::nullopt;
                               }},
                    value.data());
}

/// What a real peer would have sent for these elements, if that is a SIMPLE_VECTOR: all of one type and size.
std::optional<Value::SimpleVector> asSimpleVector(const std::vector<Value>& elements) {
  Value::SimpleVector simple;
  for (const Value& element : elements) {
    const auto payload = simpleElement(element);
    if (!payload || element.type() != elements.front().type()) return std::nullopt;
    if (&element == &elements.front()) simple.element_size = static_cast<std::uint8_t>(payload->size());
    if (payload->size() != simple.element_size) return std::nullopt;
    simple.bytes.insert(simple.bytes.end(), payload->begin(), payload->end());
  }
  return simple;
}

void addSimpleVector(Message& message, const Value::SimpleVector& vector) {
  if (vector.bytes.empty()) return message.addDataPoint(DataType::EMPTY_VECTOR, {});
  message.addDataPoint(DataType::SIMPLE_VECTOR, vector.bytes, vector.element_size);
}

void addVector(Message& message, const Value::Vector& vector) {
  if (vector.elements.empty()) return message.addDataPoint(DataType::EMPTY_VECTOR, {});
  if (const auto simple = asSimpleVector(vector.elements)) return addSimpleVector(message, *simple);
  const std::size_t offset = message.openVector(static_cast<std::uint32_t>(vector.elements.size()));
  addValues(message, vector.elements);
  message.closeContainer(offset);
}

}  // namespace

DataType Value::type() const {
  return std::visit(
      Overloaded{
          [](std::int32_t) { return DataType::INT32; }, [](std::int64_t) { return DataType::INT64; },
          [](std::uint32_t) { return DataType::UINT32; }, [](std::uint64_t) { return DataType::UINT64; },
          [](bool) { return DataType::BOOL; }, [](const String&) { return DataType::STRING; },
          [](const Object&) { return DataType::OBJECT; }, [](const Vector&) { return DataType::VECTOR; },
          [](const SimpleVector&) { return DataType::SIMPLE_VECTOR; },
          [](const EmptyVector&) { return DataType::EMPTY_VECTOR; },
          [](const Tuple&) { return DataType::TUPLE; }},
      data_);
}

Value toValue(const DataPoint& point) {
  switch (point.type()) {
    case DataType::INT32: return payloadAs<std::int32_t>(point);
    case DataType::INT64: return payloadAs<std::int64_t>(point);
    case DataType::UINT32: return payloadAs<std::uint32_t>(point);
    case DataType::UINT64: return payloadAs<std::uint64_t>(point);
    case DataType::BOOL: return point.payload()[0] != std::byte{0};
    case DataType::STRING: {
      const auto payload = point.payload();
      return Value::String{std::string(reinterpret_cast<const char*>(payload.data()), payload.size())};
    }
    case DataType::OBJECT: return Value::Object{payloadBytes(point)};
    case DataType::VECTOR: return Value::Vector{toValues(point.elements())};
    case DataType::SIMPLE_VECTOR:
      return Value::SimpleVector{point.descriptor().element_size, payloadBytes(point)};
    case DataType::TUPLE: return Value::Tuple{toValues(point.elements())};
    case DataType::ENUM:  // refused by the validation
    case DataType::EMPTY_VECTOR: break;
  }
  return Value::EmptyVector{};
}

std::vector<Value> toValues(MessageView message) {
  return toValues(message.dataPoints());
}

void addValue(Message& message, const Value& value) {
  std::visit(
      Overloaded{[&](bool data) {
                   const std::byte byte{data ? std::uint8_t{1} : std::uint8_t{0}};
                   message.addDataPoint(DataType::BOOL, {&byte, 1});
                 },
                 [&](const Value::String& string) {
                   message.addDataPoint(DataType::STRING, std::as_bytes(std::span(string.bytes)));
                 },
                 [&](const Value::Object& object) { message.addDataPoint(DataType::OBJECT, object.bytes); },
                 [&](const Value::Vector& vector) { addVector(message, vector); },
                 [&](const Value::SimpleVector& vector) { addSimpleVector(message, vector); },
                 [&](Value::EmptyVector) { message.addDataPoint(DataType::EMPTY_VECTOR, {}); },
                 [&](const Value::Tuple& tuple) {
                   const std::size_t offset = message.openTuple();
                   addValues(message, tuple.elements);
                   message.closeContainer(offset);
                 },
                 [&](const auto& integer) { message.addDataPoint(value.type(), bytesOf(integer)); }},
      value.data());
}

void addValues(Message& message, std::span<const Value> values) {
  for (const Value& value : values) addValue(message, value);
}

}  // namespace jitrig
