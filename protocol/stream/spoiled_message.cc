#include "protocol/stream/spoiled_message.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "protocol/catalogue/data_point_fit.h"
#include "protocol/wire/data_descriptor.h"
#include "protocol/wire/message.h"
#include "protocol/wire/value.h"

namespace jitrig {
namespace {

constexpr std::size_t kVersionOffset = 4;
constexpr std::size_t kConfigOffset = 8;
constexpr std::size_t kTypeOffset = 12;
constexpr std::size_t kCountOffset = 14;
constexpr std::size_t kFirstDescriptor = Message::kHeaderSize;
constexpr std::size_t kDescriptorSize = 8;
constexpr std::size_t kDescriptorSizeOffset = 4;

template <class T>
T at(std::span<const std::byte> bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <class T>
void put(EncodedMessage& message, std::size_t offset, T value) {
  std::memcpy(message.data() + offset, &value, sizeof value);
}

EncodedMessage copyOf(std::span<const std::byte> message) {
  return {message.begin(), message.end()};
}

bool hasDataPoints(std::span<const std::byte> message) {
  return message.size() >= kFirstDescriptor + kDescriptorSize;
}

/// The data points of a message, as values, for those spoilings that keep it well-formed.
std::vector<Value> valuesOf(std::span<const std::byte> message) {
  const auto parsed = Message::parse(message, ParseOptions{});
  return parsed ? toValues(*parsed) : std::vector<Value>{};
}

/// The same header with other data points.
EncodedMessage withValues(std::span<const std::byte> message, std::span<const Value> values) {
  Message changed;
  changed.start(typeOf(message), at<std::uint32_t>(message, kVersionOffset),
                at<std::uint32_t>(message, kConfigOffset));
  addValues(changed, values);
  return copyOf(changed.serialize());
}

EncodedMessage withFirstValue(std::span<const std::byte> message, Value value) {
  std::vector<Value> values = valuesOf(message);
  if (values.empty()) return copyOf(message);
  values[0] = std::move(value);
  return withValues(message, values);
}

EncodedMessage withOneMore(std::span<const std::byte> message, Value value) {
  std::vector<Value> values = valuesOf(message);
  values.push_back(std::move(value));
  return withValues(message, values);
}

}  // namespace

std::uint16_t typeOf(std::span<const std::byte> message) {
  return at<std::uint16_t>(message, kTypeOffset);
}

std::uint16_t dataPointsOf(std::span<const std::byte> message) {
  return at<std::uint16_t>(message, kCountOffset);
}

std::uint16_t typeNamed(const Dialect& dialect, std::string_view name) {
  return dialect.table->numberOf(name).value_or(kTypeOfNoRelease);
}

std::uint16_t otherQueryThan(const Dialect& dialect, std::uint16_t type) {
  const std::uint16_t query = typeNamed(dialect, "VM_isClassArray");
  return type == query ? typeNamed(dialect, "VM_isClassLibraryMethod") : query;
}

EncodedMessage withType(std::span<const std::byte> message, std::uint16_t type) {
  EncodedMessage changed = copyOf(message);
  put(changed, kTypeOffset, type);
  return changed;
}

EncodedMessage withVersion(std::span<const std::byte> message, FullVersion version) {
  EncodedMessage changed = copyOf(message);
  put(changed, kVersionOffset, version.version);
  put(changed, kConfigOffset, version.config);
  return changed;
}

EncodedMessage withSize(std::span<const std::byte> message, std::uint32_t size_bytes) {
  EncodedMessage changed = copyOf(message);
  put(changed, 0, size_bytes);
  return changed;
}

EncodedMessage withCount(std::span<const std::byte> message, std::uint16_t data_points) {
  EncodedMessage changed = copyOf(message);
  put(changed, kCountOffset, data_points);
  return changed;
}

EncodedMessage withTooFewDataPoints(std::span<const std::byte> message) {
  std::vector<Value> values = valuesOf(message);
  if (!values.empty()) values.pop_back();
  return withValues(message, values);
}

EncodedMessage withTooManyDataPoints(std::span<const std::byte> message) {
  return withOneMore(message, true);
}

EncodedMessage withoutDataPoints(std::span<const std::byte> message) {
  return withValues(message, {});
}

EncodedMessage withWrongDataType(std::span<const std::byte> message) {
  const std::vector<Value> values = valuesOf(message);
  const bool is_string = !values.empty() && values[0].get<Value::String>() != nullptr;
  return withFirstValue(message, is_string ? Value(true) : Value(Value::String{"not this type"}));
}

EncodedMessage withWrongDataSize(std::span<const std::byte> message) {
  return withFirstValue(message, Value::Object{std::vector<std::byte>(9)});
}

EncodedMessage withDescriptorBeyondEnd(std::span<const std::byte> message) {
  EncodedMessage changed = copyOf(message);
  if (hasDataPoints(message)) put(changed, kFirstDescriptor + kDescriptorSizeOffset, 0xffff'fff0U);
  return changed;
}

EncodedMessage withNestedLie(std::span<const std::byte> message) {
  EncodedMessage changed = withOneMore(message, Value::Tuple{{Value::String{"nested"}}});
  // At the very end: the tuple's descriptor, the string's, six bytes of text and two of padding.
  put(changed, changed.size() - 12, 0x7fff'0000U);
  return changed;
}

EncodedMessage withVectorCountLie(std::span<const std::byte> message) {
  EncodedMessage changed =
      withOneMore(message, Value::Vector{{Value::String{"four"}, Value::String{"text"}}});
  // At the very end: the count, and two strings of four bytes with their descriptors.
  put(changed, changed.size() - 28, 0x7fff'ffffU);
  return changed;
}

EncodedMessage withEnumDataPoint(std::span<const std::byte> message) {
  EncodedMessage changed = copyOf(message);
  if (hasDataPoints(message)) changed[kFirstDescriptor] = std::byte{7};
  return changed;
}

EncodedMessage withDirtyPadding(std::span<const std::byte> message) {
  EncodedMessage changed = copyOf(message);
  std::size_t offset = kFirstDescriptor;
  while (offset + kDescriptorSize <= changed.size()) {
    const auto padding = at<std::uint8_t>(changed, offset + 1);
    const auto filler = at<std::uint8_t>(changed, offset + 2);
    const auto size = at<std::uint32_t>(changed, offset + kDescriptorSizeOffset);
    const std::size_t data = offset + kDescriptorSize;
    std::fill_n(changed.begin() + static_cast<std::ptrdiff_t>(data), filler, std::byte{0xa5});
    std::fill_n(changed.begin() + static_cast<std::ptrdiff_t>(data + size - padding), padding,
                std::byte{0xa5});
    offset = data + size;
  }
  return changed;
}

EncodedMessage withSwappedBytes(std::span<const std::byte> message) {
  EncodedMessage changed = copyOf(message);
  for (const std::size_t offset : {std::size_t{0}, kVersionOffset, kConfigOffset})
    std::reverse(changed.begin() + static_cast<std::ptrdiff_t>(offset),
                 changed.begin() + static_cast<std::ptrdiff_t>(offset + sizeof(std::uint32_t)));
  for (const std::size_t offset : {kTypeOffset, kCountOffset})
    std::swap(changed[offset], changed[offset + 1]);
  return changed;
}

EncodedMessage firstHalf(std::span<const std::byte> message) {
  return copyOf(message.first(message.size() / 2));
}

EncodedMessage encodedRequest(const Dialect& dialect, std::uint16_t type) {
  Message message(type);
  const MessageType* known = dialect.table->find(type);
  if (known != nullptr && known->request) addValues(message, defaultValues(*known->request));
  return copyOf(message.serialize());
}

EncodedMessage encodedBodyless(std::uint16_t type) {
  return copyOf(Message(type).serialize());
}

EncodedMessage concatenated(std::span<const std::byte> first, std::span<const std::byte> second) {
  EncodedMessage both = copyOf(first);
  both.insert(both.end(), second.begin(), second.end());
  return both;
}

}  // namespace jitrig
