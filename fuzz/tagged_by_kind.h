#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/jitaas/tagged_value.h"
#include "protocol/jitaas/type_tag.h"
#include "protocol/wire/value.h"

namespace jitrig::fuzz {

/// A value as a peer of the older generation would have sent it: each kind has a tag. Elements of vectors
/// have none, and integers among them are their bytes. A tuple of nothing but int32, whose tag is 0, cannot
/// be told from a vector, and is sent as one.
struct TaggedByKind {
  bool in_vector = false;

  static std::vector<TaggedValue> all(const std::vector<Value>& values, bool in_vector = false) {
    std::vector<TaggedValue> tagged;
    for (const Value& value : values) {
      tagged.push_back(std::visit(TaggedByKind{in_vector}, value.data()));
      if (in_vector) tagged.back().tag = 0;
    }
    return tagged;
  }

  template <class T>
    requires std::is_integral_v<T>
  TaggedValue operator()(T value) const {
    if (!in_vector || std::is_same_v<T, bool>) return {kTypeTag<T>, value};
    const auto bytes = std::as_bytes(std::span(&value, 1));
    return {kTag, Value::Object{{bytes.begin(), bytes.end()}}};
  }
  TaggedValue operator()(const Value::String& string) const { return {kTypeTag<std::string>, string}; }
  TaggedValue operator()(const Value::Object& object) const { return {kTag, object}; }
  TaggedValue operator()(Value::EmptyVector /*vector*/) const { return {kTag, TaggedValue::Vector{}}; }
  TaggedValue operator()(const Value::Vector& vector) const {
    return {kTag, TaggedValue::Vector{all(vector.elements, true)}};
  }
  TaggedValue operator()(const Value::Tuple& tuple) const {
    auto members = all(tuple.elements);
    const bool told = std::ranges::any_of(members, [](const TaggedValue& member) { return member.tag != 0; });
    if (!told) return {kTag, TaggedValue::Vector{all(tuple.elements, true)}};
    return {kTag, TaggedValue::Tuple{std::move(members)}};
  }
  TaggedValue operator()(const Value::SimpleVector& vector) const {
    TaggedValue::Vector elements;
    for (auto at = vector.bytes.begin(); at != vector.bytes.end(); at += vector.element_size)
      elements.elements.push_back({0, Value::Object{{at, at + vector.element_size}}});
    return {kTag, std::move(elements)};
  }

 private:
  static constexpr std::uint64_t kTag = 200;  // of some type that has no number of its own
};

}  // namespace jitrig::fuzz
