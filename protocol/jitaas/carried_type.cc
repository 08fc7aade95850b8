#include "protocol/jitaas/carried_type.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "protocol/catalogue/type_expression.h"
#include "protocol/catalogue/types_in_use.h"
#include "protocol/jitaas/type_tag.h"

namespace jitrig {
namespace {

using ShapeKind = WireType::Kind;

/// The same for a name, and for two containers by the tags of what they hold, as kTypeTag has for C++ types.
std::uint64_t tagOfName(std::string_view name) {
  return jitaas_detail::tagOfHash(jitaas_detail::hashOf(name));
}

/// Objects that type_tag.h numbers by name.
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 7> kNumberedObjects{{
    {"uint8_t", kTypeTag<std::uint8_t>},
    {"int8_t", kTypeTag<std::int8_t>},
    {"uint16_t", kTypeTag<std::uint16_t>},
    {"int16_t", kTypeTag<std::int16_t>},
    {"float", kTypeTag<float>},
    {"double", kTypeTag<double>},
    {"char", kTypeTag<char>},
}};

std::uint64_t tagOfVector(const CarriedType& element) {
  constexpr std::array kNumbered{
      std::pair{kTypeTag<std::uint32_t>, kTypeTag<std::vector<std::uint32_t>>},
      std::pair{kTypeTag<void*>, kTypeTag<std::vector<void*>>},
      std::pair{kTypeTag<std::uint8_t>, kTypeTag<std::vector<std::uint8_t>>},
      std::pair{kTypeTag<std::string>, kTypeTag<std::vector<std::string>>},
  };
  const auto* found =
      std::ranges::find(kNumbered, element.tag, &std::pair<std::uint64_t, std::uint64_t>::first);
  if (found != kNumbered.end()) return found->second;
  return jitaas_detail::tagOfHash(jitaas_detail::hashOf("vector", {element.tag}));
}

std::uint64_t tagOfTuple(const std::vector<CarriedType>& members) {
  std::uint64_t hash = jitaas_detail::hashOf("tuple");
  for (const CarriedType& member : members) hash = jitaas_detail::hashWith(hash, member.tag);
  return jitaas_detail::tagOfHash(hash);
}

void makeObject(CarriedType& type, const Release& release) {
  const std::string_view name = type.name;
  constexpr std::uint32_t kEnumerationSize = 4;
  const auto* numbered =
      std::ranges::find(kNumberedObjects, name, &std::pair<std::string_view, std::uint64_t>::first);
  type.kind = AnyKind::bytes;
  if (name.ends_with('*')) {
    type.kind = AnyKind::uint64;
    type.tag = kTypeTag<void*>;
  } else if (name == "JITServer::Void") {
    type.kind = AnyKind::boolean;
    type.tag = kTypeTag<Void>;
  } else if (numbered != kNumberedObjects.end()) {
    type.tag = numbered->second;
  } else {
    const bool is_class = layoutOf(release, name) != nullptr || name == "TR::DataType";
    if (type.object_size == kEnumerationSize && !is_class) type.kind = AnyKind::uint64;
    type.tag = tagOfName(name);
  }
}

void makeScalar(CarriedType& type) {
  switch (type.shape) {
    case ShapeKind::int32: type.kind = AnyKind::int32, type.tag = kTypeTag<std::int32_t>; break;
    case ShapeKind::uint32: type.kind = AnyKind::uint32, type.tag = kTypeTag<std::uint32_t>; break;
    case ShapeKind::int64: type.kind = AnyKind::int64, type.tag = kTypeTag<std::int64_t>; break;
    case ShapeKind::uint64: type.kind = AnyKind::uint64, type.tag = kTypeTag<std::uint64_t>; break;
    case ShapeKind::boolean: type.kind = AnyKind::boolean, type.tag = kTypeTag<bool>; break;
    case ShapeKind::string: type.kind = AnyKind::bytes, type.tag = kTypeTag<std::string>; break;
    case ShapeKind::object:
    case ShapeKind::vector:
    case ShapeKind::tuple: std::unreachable();
  }
}

CarriedType carriedTypeOf(const TypeExpression& expression, const WireType& shape, const Release& release);

void makeContainer(CarriedType& type, const TypeExpression& expression, const WireType& shape,
                   const Release& release) {
  type.kind = AnyKind::vector;
  for (std::size_t i = 0; i < shape.elements.size(); ++i)
    type.elements.push_back(carriedTypeOf(expression.arguments.at(i), shape.elements[i], release));
  char before = '<';
  for (const CarriedType& element : type.elements) {
    (type.name += std::exchange(before, ',')) += element.name;
  }
  type.name += '>';
  if (shape.kind == ShapeKind::tuple) {
    type.tag = tagOfTuple(type.elements);
  } else {
    type.tag = tagOfVector(type.elements.front());
    type.simple_element_size = simpleVectorElementSize(shape.elements.front());
  }
}

// As deep as the shape is: the catalogue has read both.
// NOLINTNEXTLINE(misc-no-recursion): bounded by TypeExpression::kMaxNesting
CarriedType carriedTypeOf(const TypeExpression& expression, const WireType& shape, const Release& release) {
  if (const TypeAlias* alias = release.findAlias(expression.name)) {
    CarriedType meant = jitrig::carriedTypeOf(alias->cpp_type, shape, release);
    meant.name = alias->name;
    return meant;
  }
  CarriedType type;
  type.shape = shape.kind;
  type.object_size = shape.object_size;
  type.name = expression.name;
  if (shape.kind == ShapeKind::vector || shape.kind == ShapeKind::tuple) {
    makeContainer(type, expression, shape, release);
  } else if (shape.kind == ShapeKind::object) {
    makeObject(type, release);
  } else {
    makeScalar(type);
  }
  return type;
}

}  // namespace

CarriedType carriedTypeOf(std::string_view cpp_type, const WireType& shape, const Release& release) {
  const auto expression = TypeExpression::parse(cpp_type);
  if (!expression) throw std::invalid_argument(expression.error());  // the catalogue has read it
  return carriedTypeOf(*expression, shape, release);
}

}  // namespace jitrig
