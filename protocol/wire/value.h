#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "protocol/wire/message.h"

namespace jitrig {

/// A data point whose type is known only at run time: what tools show, scripts send and captures hold. It has
/// one text form (value_text.h) and one JSON form (value_json.h), both ways.
///
/// Padding, filler and element sizes that mean nothing are not part of it. Writing is canonical: a Vector
/// that a real peer would have sent as EMPTY_VECTOR or SIMPLE_VECTOR is written as such (spec: wire.md,
/// "Canonical and not"). Equality compares what was received, so Vector{} and EmptyVector{} differ.
class Value {
 public:
  /// STRING: any bytes, which need not be UTF-8.
  struct String {
    std::string bytes;
    friend bool operator==(const String&, const String&) = default;
  };
  /// OBJECT: a pointer, an enumeration, a struct; at least one byte, as it lies in memory.
  struct Object {
    std::vector<std::byte> bytes;
    friend bool operator==(const Object&, const Object&) = default;
  };
  /// SIMPLE_VECTOR: elements of one size, one after the other. Not empty.
  struct SimpleVector {
    std::uint8_t element_size = 1;  ///< not 0, and a divisor of the number of bytes
    std::vector<std::byte> bytes;
    friend bool operator==(const SimpleVector&, const SimpleVector&) = default;
  };
  /// EMPTY_VECTOR: whatever it would hold.
  struct EmptyVector {
    friend bool operator==(EmptyVector, EmptyVector) = default;
  };
  /// VECTOR: nested data points, which may be of any type each.
  struct Vector {
    std::vector<Value> elements;
    friend bool operator==(const Vector&, const Vector&) = default;
  };
  /// TUPLE: nested data points in sequence.
  struct Tuple {
    std::vector<Value> elements;
    friend bool operator==(const Tuple&, const Tuple&) = default;
  };
  using Data = std::variant<std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, bool, String, Object,
                            Vector, SimpleVector, EmptyVector, Tuple>;

  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Value> &&
             std::is_constructible_v<Data, std::in_place_type_t<std::remove_cvref_t<T>>, T>)
  // NOLINTNEXTLINE(google-explicit-constructor): a Value is any of these
  Value(T&& data) : data_(std::in_place_type<std::remove_cvref_t<T>>, std::forward<T>(data)) {}

  const Data& data() const { return data_; }

  /// nullptr if it is of another type.
  template <class T>
  const T* get() const {
    return std::get_if<T>(&data_);
  }

  DataType type() const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  Data data_;
};

/// A parsed data point, nested ones included.
Value toValue(const DataPoint& point);

/// All data points of a parsed message.
std::vector<Value> toValues(MessageView message);

/// Appends the value as one data point, canonically.
void addValue(Message& message, const Value& value);
/// Appends each as one data point, in order.
void addValues(Message& message, std::span<const Value> values);

}  // namespace jitrig
