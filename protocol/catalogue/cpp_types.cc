#include "protocol/catalogue/cpp_types.h"

#include <fmt/core.h>

namespace jitrig {

namespace {

constexpr std::uint32_t kPointerSize = 8;

std::size_t countParts(const WireType& type) {
  std::size_t parts = 1;
  for (const WireType& element : type.elements) parts += countParts(element);
  return parts;
}

}  // namespace

std::expected<void, std::string> CppTypes::add(std::string_view cpp_name, WireType type) {
  const std::size_t parts = countParts(type);
  if (!known_.emplace(cpp_name, Known{std::move(type), parts}).second) {
    return std::unexpected(fmt::format("C++ type '{}' is there twice", cpp_name));
  }
  return {};
}

std::expected<WireType, std::string> CppTypes::wireType(std::string_view cpp_type) const {
  const std::expected<TypeExpression, std::string> expression = TypeExpression::parse(cpp_type);
  if (!expression) return std::unexpected(expression.error());
  std::size_t parts = 0;
  return resolve(*expression, parts);
}

// Recursion is bounded by TypeExpression::kMaxNesting, the size of the result by kMaxParts.
std::expected<WireType, std::string> CppTypes::resolve(const TypeExpression& expression,
                                                       std::size_t& parts) const {
  if (!expression.has_arguments) {
    if (expression.name == "std::string") return WireType::scalar(WireType::Kind::string);
    if (expression.name.ends_with('*')) return WireType::object(kPointerSize);
    const auto known = known_.find(expression.name);
    if (known == known_.end()) return std::unexpected(fmt::format("unknown C++ type '{}'", expression.name));
    parts += known->second.parts;
    if (parts > kMaxParts) return std::unexpected(fmt::format("a type of more than {} parts", kMaxParts));
    return known->second.type;
  }
  std::vector<WireType> elements;
  for (const TypeExpression& argument : expression.arguments) {
    std::expected<WireType, std::string> element = resolve(argument, parts);
    if (!element) return element;
    elements.push_back(std::move(*element));
  }
  if (expression.name == "std::tuple") return WireType::tupleOf(std::move(elements));
  if (expression.name == "std::vector" && elements.size() == 1)
    return WireType::vectorOf(std::move(elements.front()));
  return std::unexpected(
      fmt::format("'{}<...>' with {} arguments is not serialisable; expected std::vector<T> or "
                  "std::tuple<T, ...>",
                  expression.name, elements.size()));
}

}  // namespace jitrig
