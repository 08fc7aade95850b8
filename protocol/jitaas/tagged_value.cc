#include "protocol/jitaas/tagged_value.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "protocol/jitaas/any_data.h"
#include "protocol/jitaas/type_tag.h"

namespace jitrig {
namespace {

TaggedValue toTaggedValue(const JITServer::Any& any);

TaggedValue::Data bytesOf(const JITServer::Any& any) {
  const std::string& bytes = any_data::bytes(any);
  if (any_data::tag(any) == kTypeTag<std::string>) return Value::String{bytes};
  const auto view = std::as_bytes(std::span(bytes));
  return Value::Object{{view.begin(), view.end()}};
}

TaggedValue::Data elementsOf(const JITServer::Any& any) {
  auto elements = toTaggedValues(any_data::vector(any));
  const bool is_vector =
      std::ranges::all_of(elements, [](const TaggedValue& element) { return element.tag == 0; });
  if (is_vector) return TaggedValue::Vector{std::move(elements)};
  return TaggedValue::Tuple{std::move(elements)};
}

TaggedValue toTaggedValue(const JITServer::Any& any) {
  const std::uint64_t tag = any_data::tag(any);
  switch (any_data::kind(any)) {
    case AnyKind::uint64: return {tag, any_data::uint64(any)};
    case AnyKind::uint32: return {tag, any_data::uint32(any)};
    case AnyKind::int64: return {tag, any_data::int64(any)};
    case AnyKind::int32: return {tag, any_data::int32(any)};
    case AnyKind::boolean: return {tag, any_data::boolean(any)};
    case AnyKind::bytes: return {tag, bytesOf(any)};
    case AnyKind::vector: return {tag, elementsOf(any)};
    case AnyKind::none: break;
  }
  return {tag, Value::Object{}};  // no message that was parsed has one
}

/// Sets the member of a value that stands for the data.
struct AnyWriter {
  JITServer::Any& any;

  void operator()(std::int32_t value) const { any_data::setInt32(any, value); }
  void operator()(std::int64_t value) const { any_data::setInt64(any, value); }
  void operator()(std::uint32_t value) const { any_data::setUint32(any, value); }
  void operator()(std::uint64_t value) const { any_data::setUint64(any, value); }
  void operator()(bool value) const { any_data::setBool(any, value); }
  void operator()(const Value::String& string) const {
    any_data::setBytes(any, std::as_bytes(std::span(string.bytes)));
  }
  void operator()(const Value::Object& object) const { any_data::setBytes(any, object.bytes); }
  void operator()(const TaggedValue::Vector& vector) const {
    addTaggedValues(any_data::mutableVector(any), vector.elements);
  }
  void operator()(const TaggedValue::Tuple& tuple) const {
    addTaggedValues(any_data::mutableVector(any), tuple.elements);
  }
};

}  // namespace

std::vector<TaggedValue> toTaggedValues(const JITServer::AnyData& data) {
  std::vector<TaggedValue> values;
  values.reserve(any_data::size(data));
  for (std::size_t i = 0; i < any_data::size(data); ++i)
    values.push_back(toTaggedValue(any_data::at(data, i)));
  return values;
}

void addTaggedValues(JITServer::AnyData& data, std::span<const TaggedValue> values) {
  for (const TaggedValue& value : values) {
    JITServer::Any& any = any_data::add(data);
    any_data::setTag(any, value.tag);
    std::visit(AnyWriter{any}, value.data);
  }
}

Value withoutTags(const TaggedValue& value) {
  return std::visit(
      [](const auto& data) -> Value {
        using T = std::remove_cvref_t<decltype(data)>;
        if constexpr (std::is_same_v<T, TaggedValue::Vector>) {
          return Value::Vector{withoutTags(data.elements)};
        } else if constexpr (std::is_same_v<T, TaggedValue::Tuple>) {
          return Value::Tuple{withoutTags(data.elements)};
        } else {
          return T(data);
        }
      },
      value.data);
}

std::vector<Value> withoutTags(std::span<const TaggedValue> values) {
  std::vector<Value> stripped;
  stripped.reserve(values.size());
  for (const TaggedValue& value : values) stripped.push_back(withoutTags(value));
  return stripped;
}

}  // namespace jitrig
