#include "protocol/catalogue/data_point_fit.h"

#include <algorithm>
#include <fmt/core.h>
#include <type_traits>
#include <utility>

namespace jitrig {

namespace {

using Kind = WireType::Kind;

std::string describeFound(const Value& value) {
  return std::visit(
      [](const auto& data) -> std::string {
        using T = std::remove_cvref_t<decltype(data)>;
        if constexpr (std::is_same_v<T, std::int32_t>) return "int32";
        if constexpr (std::is_same_v<T, std::int64_t>) return "int64";
        if constexpr (std::is_same_v<T, std::uint32_t>) return "uint32";
        if constexpr (std::is_same_v<T, std::uint64_t>) return "uint64";
        if constexpr (std::is_same_v<T, bool>) return "bool";
        if constexpr (std::is_same_v<T, Value::String>) return "string";
        if constexpr (std::is_same_v<T, Value::EmptyVector>) return "an empty vector";
        if constexpr (std::is_same_v<T, Value::Object>) return fmt::format("object({})", data.bytes.size());
        if constexpr (std::is_same_v<T, Value::SimpleVector>) {
          return fmt::format("a simple vector of {}-byte elements", data.element_size);
        }
        if constexpr (std::is_same_v<T, Value::Vector>) {
          return fmt::format("a vector of {} data points", data.elements.size());
        }
        if constexpr (std::is_same_v<T, Value::Tuple>) {
          return fmt::format("a tuple of {} data points", data.elements.size());
        }
      },
      value.data());
}

/// Compares, remembering the way to the first misfit. Recursion is bounded by the nesting of the WireType.
class FitCheck {
 public:
  bool sequence(std::span<const Value> values, const std::vector<WireType>& types) {
    if (!count(values.size(), types)) return false;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!element(i, values[i], types[i])) return false;
    }
    return true;
  }

  bool count(std::size_t found, const std::vector<WireType>& types) {
    if (found == types.size()) return true;
    misfit_.expected = fmt::format("{} data points", types.size());
    misfit_.found = fmt::format("{}", found);
    return false;
  }

  bool element(std::size_t index, const Value& value, const WireType& type) {
    misfit_.path.push_back(index);
    if (!one(value, type)) return false;
    misfit_.path.pop_back();
    return true;
  }

  Misfit take() { return std::move(misfit_); }

 private:
  bool one(const Value& value, const WireType& type) {
    switch (type.kind) {
      case Kind::int32: return value.get<std::int32_t>() != nullptr || mismatch(value, type);
      case Kind::int64: return value.get<std::int64_t>() != nullptr || mismatch(value, type);
      case Kind::uint32: return value.get<std::uint32_t>() != nullptr || mismatch(value, type);
      case Kind::uint64: return value.get<std::uint64_t>() != nullptr || mismatch(value, type);
      case Kind::boolean: return value.get<bool>() != nullptr || mismatch(value, type);
      case Kind::string: return value.get<Value::String>() != nullptr || mismatch(value, type);
      case Kind::object: {
        const auto* object = value.get<Value::Object>();
        return (object != nullptr && object->bytes.size() == type.object_size) || mismatch(value, type);
      }
      case Kind::tuple: {
        const auto* tuple = value.get<Value::Tuple>();
        if (tuple == nullptr || tuple->elements.size() != type.elements.size()) return mismatch(value, type);
        return sequence(tuple->elements, type.elements);
      }
      case Kind::vector: return vector(value, type);
    }
    std::unreachable();
  }

  bool vector(const Value& value, const WireType& type) {
    const WireType& element_type = type.elements.front();
    if (value.get<Value::EmptyVector>() != nullptr) return true;
    if (const auto* simple = value.get<Value::SimpleVector>()) {
      return simple->element_size == simpleVectorElementSize(element_type) || mismatch(value, type);
    }
    const auto* vector = value.get<Value::Vector>();
    if (vector == nullptr) return mismatch(value, type);
    for (std::size_t i = 0; i < vector->elements.size(); ++i) {
      if (!element(i, vector->elements[i], element_type)) return false;
    }
    return true;
  }

  bool mismatch(const Value& value, const WireType& type) {
    misfit_.expected = toString(type);
    misfit_.found = describeFound(value);
    return false;
  }

  Misfit misfit_;
};

bool fits(const DataPoint& point, const WireType& type);

bool fitsTuple(const DataPoint& point, const WireType& type) {
  std::size_t count = 0;
  for (const DataPoint element : point.elements()) {
    if (count == type.elements.size() || !fits(element, type.elements[count])) return false;
    ++count;
  }
  return count == type.elements.size();
}

bool fitsVector(const DataPoint& point, const WireType& type) {
  const WireType& element_type = type.elements.front();
  if (point.type() == DataType::EMPTY_VECTOR) return true;
  if (point.type() == DataType::SIMPLE_VECTOR) {
    return point.descriptor().element_size == simpleVectorElementSize(element_type);
  }
  if (point.type() != DataType::VECTOR) return false;
  for (const DataPoint element : point.elements()) {
    if (!fits(element, element_type)) return false;
  }
  return true;
}

/// As FitCheck, yes or no. Recursion is bounded by the nesting of the WireType.
bool fits(const DataPoint& point, const WireType& type) {
  switch (type.kind) {
    case Kind::int32: return point.type() == DataType::INT32;
    case Kind::int64: return point.type() == DataType::INT64;
    case Kind::uint32: return point.type() == DataType::UINT32;
    case Kind::uint64: return point.type() == DataType::UINT64;
    case Kind::boolean: return point.type() == DataType::BOOL;
    case Kind::string: return point.type() == DataType::STRING;
    case Kind::object:
      return point.type() == DataType::OBJECT && point.descriptor().payloadSize() == type.object_size;
    case Kind::tuple: return point.type() == DataType::TUPLE && fitsTuple(point, type);
    case Kind::vector: return fitsVector(point, type);
  }
  std::unreachable();
}

}  // namespace

std::string toString(const Misfit& misfit) {
  if (misfit.path.empty()) return fmt::format("expected {}, found {}", misfit.expected, misfit.found);
  std::string place = fmt::format("data point {}", misfit.path.front());
  for (std::size_t i = 1; i < misfit.path.size(); ++i) place += fmt::format("[{}]", misfit.path[i]);
  return fmt::format("{}: expected {}, found {}", place, misfit.expected, misfit.found);
}

std::optional<Misfit> checkDataPoints(std::span<const Value> values, const std::vector<WireType>& types) {
  FitCheck check;
  if (check.sequence(values, types)) return std::nullopt;
  return check.take();
}

std::optional<Misfit> checkDataPoints(MessageView message, const std::vector<WireType>& types) {
  std::size_t count = 0;
  std::size_t misfit_at = 0;
  std::optional<DataPoint> misfit;
  for (const DataPoint point : message.dataPoints()) {
    if (!misfit && count < types.size() && !fits(point, types[count])) {
      misfit = point;
      misfit_at = count;
    }
    ++count;
  }
  FitCheck check;
  const bool all_fit =
      check.count(count, types) &&
      (!misfit || check.element(misfit_at, toValue(*misfit), types[misfit_at]));  // says where and why
  if (all_fit) return std::nullopt;
  return check.take();
}

Value defaultValue(const WireType& type) {
  switch (type.kind) {
    case Kind::int32: return std::int32_t{0};
    case Kind::int64: return std::int64_t{0};
    case Kind::uint32: return std::uint32_t{0};
    case Kind::uint64: return std::uint64_t{0};
    case Kind::boolean: return false;
    case Kind::string: return Value::String{};
    case Kind::object: return Value::Object{std::vector<std::byte>(type.object_size)};
    case Kind::vector: return Value::EmptyVector{};
    case Kind::tuple: return Value::Tuple{defaultValues(type.elements)};
  }
  std::unreachable();
}

std::vector<Value> defaultValues(const std::vector<WireType>& types) {
  std::vector<Value> values;
  values.reserve(types.size());
  for (const WireType& type : types) values.push_back(defaultValue(type));
  return values;
}

}  // namespace jitrig
