#include "protocol/catalogue/wire_type.h"

#include <array>
#include <charconv>
#include <fmt/core.h>
#include <utility>

#include "protocol/catalogue/type_expression.h"

namespace jitrig {

namespace {

using Kind = WireType::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 6> kScalarNames{{{"int32", Kind::int32},
                                                                         {"int64", Kind::int64},
                                                                         {"uint32", Kind::uint32},
                                                                         {"uint64", Kind::uint64},
                                                                         {"bool", Kind::boolean},
                                                                         {"string", Kind::string}}};

/// N of "object(N)", or 0.
std::uint32_t objectSize(std::string_view name) {
  constexpr std::string_view kPrefix = "object(";
  if (!name.starts_with(kPrefix) || !name.ends_with(')')) return 0;
  const char* begin = name.data() + kPrefix.size();
  const char* end = name.data() + name.size() - 1;
  std::uint32_t size = 0;
  const auto [stop, error] = std::from_chars(begin, end, size);
  return error == std::errc{} && stop == end ? size : 0;
}

// Recursion is bounded by TypeExpression::kMaxNesting.
std::expected<WireType, std::string> fromExpression(const TypeExpression& expression) {
  if (!expression.has_arguments) {
    for (const auto& [name, kind] : kScalarNames) {
      if (expression.name == name) return WireType::scalar(kind);
    }
    if (const std::uint32_t size = objectSize(expression.name); size != 0) return WireType::object(size);
    return std::unexpected(
        fmt::format("'{}' is no wire type; expected int32, int64, uint32, uint64, bool, string, object(N), "
                    "vector<...> or "
                    "tuple<...>",
                    expression.name));
  }
  if (expression.name != "vector" && expression.name != "tuple") {
    return std::unexpected(
        fmt::format("'{}<...>' is no wire type; expected vector or tuple", expression.name));
  }
  std::vector<WireType> elements;
  for (const TypeExpression& argument : expression.arguments) {
    std::expected<WireType, std::string> element = fromExpression(argument);
    if (!element) return element;
    elements.push_back(std::move(*element));
  }
  if (expression.name == "tuple") return WireType::tupleOf(std::move(elements));
  if (elements.size() != 1) {
    return std::unexpected(fmt::format("a vector has one element type, not {}", elements.size()));
  }
  return WireType::vectorOf(std::move(elements.front()));
}

std::string joined(const std::vector<WireType>& types) {
  std::string text;
  for (const WireType& type : types) {
    if (!text.empty()) text += ", ";
    text += toString(type);
  }
  return text;
}

}  // namespace

std::expected<WireType, std::string> WireType::parse(std::string_view text) {
  const std::expected<TypeExpression, std::string> expression = TypeExpression::parse(text);
  if (!expression) return std::unexpected(expression.error());
  return fromExpression(*expression);
}

std::string toString(const WireType& type) {
  switch (type.kind) {
    case Kind::object: return fmt::format("object({})", type.object_size);
    case Kind::vector: return fmt::format("vector<{}>", joined(type.elements));
    case Kind::tuple: return fmt::format("tuple<{}>", joined(type.elements));
    default:
      for (const auto& [name, kind] : kScalarNames) {
        if (type.kind == kind) return std::string(name);
      }
  }
  std::unreachable();
}

std::string toString(const std::vector<WireType>& types) {
  return fmt::format("({})", joined(types));
}

std::uint32_t simpleVectorElementSize(const WireType& element) {
  switch (element.kind) {
    case Kind::int32:
    case Kind::uint32: return 4;
    case Kind::int64:
    case Kind::uint64: return 8;
    case Kind::object: return element.object_size <= 255 ? element.object_size : 0;
    default: return 0;  // vector<bool> is not serialisable, so bool is not among them
  }
}

}  // namespace jitrig
