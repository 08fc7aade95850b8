#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "protocol/wire/data_point.h"
#include "protocol/wire/data_point_writer.h"
#include "protocol/wire/serializable.h"
#include "protocol/wire/wire_error.h"

namespace jitrig {

/// Nothing, or what did not fit and where.
using ConvertResult = Expected<void>;

/// How a C++ type becomes a data point and comes back (spec: wire.md, "Data point"). sizeBound says how much
/// room its data point takes at most, and onSend writes it, returning the writer behind it; onRecv compares
/// the wire type and size and either fills `value` or leaves it in an unspecified, destructible state and
/// says what did not fit. Never reinterprets.
template <class T>
struct RawTypeConvert;

namespace wire_detail {

inline std::unexpected<WireError> misfit(WireErrc code, const DataPoint& point, std::uint64_t found = 0,
                                         std::uint64_t expected = 0) {
  return std::unexpected(WireError{code, point.offset(), "data point", found, expected});
}

/// `expected` is the type that a sender of ours would have written.
inline std::unexpected<WireError> typeMisfit(const DataPoint& point, DataType expected) {
  return misfit(WireErrc::typeMismatch, point, static_cast<std::uint64_t>(point.type()),
                static_cast<std::uint64_t>(expected));
}

template <class T>
void copyPayload(const DataPoint& point, T& value) {
  std::memcpy(static_cast<void*>(&value), point.payload().data(), sizeof(T));
}

/// What is sent as a payload of fixed size.
template <class T, DataType kType>
struct FixedSizeSend {
  static constexpr std::size_t sizeBound(const T&) { return DataPointWriter::sizeBound(sizeof(T)); }
  [[gnu::always_inline]] static inline DataPointWriter onSend(DataPointWriter writer, const T& value) {
    writer.addFixed<kType, sizeof(T)>(static_cast<const void*>(&value));
    return writer;
  }
};

/// The four integers that have a wire type of their own.
template <class T, DataType kType>
struct FixedSizeConvert : FixedSizeSend<T, kType> {
  static ConvertResult onRecv(const DataPoint& point, T& value) {
    if (point.type() != kType) return typeMisfit(point, kType);
    copyPayload(point, value);  // its size was validated with the message
    return {};
  }
};

/// One element of a vector that travelled as VECTOR although its elements are simple: every element is a data
/// point of its own, whose size has to fit.
template <class T>
ConvertResult receiveElements(const DataPoint& point, std::vector<T>& values);

template <class T>
ConvertResult receiveSimpleVector(const DataPoint& point, std::vector<T>& values) {
  if (point.descriptor().element_size != sizeof(T)) {
    return misfit(WireErrc::objectSizeMismatch, point, point.descriptor().element_size, sizeof(T));
  }
  values.resize(point.payload().size() / sizeof(T));
  if (!values.empty())
    std::memcpy(static_cast<void*>(values.data()), point.payload().data(), point.payload().size());
  return {};
}

template <class T>
std::size_t vectorSizeBound(std::span<const T> values) {
  if constexpr (kIsSimpleElement<T>) {
    return DataPointWriter::sizeBound(values.size_bytes());
  } else {
    std::size_t bound = sizeof(DataDescriptor) + DataPointWriter::sizeBound(sizeof(std::uint32_t));
    for (const T& value : values) bound += RawTypeConvert<T>::sizeBound(value);
    return bound;
  }
}

template <class T>
DataPointWriter sendVector(DataPointWriter writer, std::span<const T> values) {
  if (values.empty()) {
    writer.addEmptyVector();
  } else if constexpr (kIsSimpleElement<T>) {
    writer.addBytes(DataType::SIMPLE_VECTOR, std::as_bytes(values), static_cast<std::uint8_t>(sizeof(T)));
  } else {
    const std::size_t vector = writer.openContainer();
    const auto count = static_cast<std::uint32_t>(values.size());
    writer.addFixed<DataType::UINT32, sizeof count>(&count);
    for (const T& value : values) writer = RawTypeConvert<T>::onSend(writer, value);
    writer.closeContainer(DataType::VECTOR, vector);
  }
  return writer;
}

}  // namespace wire_detail

template <>
struct RawTypeConvert<std::int32_t> : wire_detail::FixedSizeConvert<std::int32_t, DataType::INT32> {};
template <>
struct RawTypeConvert<std::int64_t> : wire_detail::FixedSizeConvert<std::int64_t, DataType::INT64> {};
template <>
struct RawTypeConvert<std::uint32_t> : wire_detail::FixedSizeConvert<std::uint32_t, DataType::UINT32> {};
template <>
struct RawTypeConvert<std::uint64_t> : wire_detail::FixedSizeConvert<std::uint64_t, DataType::UINT64> {};

template <>
struct RawTypeConvert<bool> {
  static constexpr std::size_t sizeBound(bool) { return DataPointWriter::sizeBound(1); }
  [[gnu::always_inline]] static inline DataPointWriter onSend(DataPointWriter writer, bool value) {
    const std::byte byte{value ? std::uint8_t{1} : std::uint8_t{0}};
    writer.addFixed<DataType::BOOL, 1>(&byte);
    return writer;
  }
  /// Every byte other than 0 is true.
  static ConvertResult onRecv(const DataPoint& point, bool& value) {
    if (point.type() != DataType::BOOL) return wire_detail::typeMisfit(point, DataType::BOOL);
    value = point.payload()[0] != std::byte{0};
    return {};
  }
};

/// Everything else that is trivially copyable: OBJECT, its bytes as they lie in memory. A pointer is copied,
/// not what it points to; the holes of a struct are copied too.
template <TravelsAsObject T>
struct RawTypeConvert<T> : wire_detail::FixedSizeSend<T, DataType::OBJECT> {
  static ConvertResult onRecv(const DataPoint& point, T& value) {
    if (point.type() != DataType::OBJECT) return wire_detail::typeMisfit(point, DataType::OBJECT);
    if (point.payload().size() != sizeof(T)) {
      return wire_detail::misfit(WireErrc::objectSizeMismatch, point, point.payload().size(), sizeof(T));
    }
    wire_detail::copyPayload(point, value);
    return {};
  }
};

template <>
struct RawTypeConvert<Void> {
  static constexpr std::size_t sizeBound(Void) { return DataPointWriter::sizeBound(1); }
  [[gnu::always_inline]] static inline DataPointWriter onSend(DataPointWriter writer, Void) {
    const std::byte zero{0};
    writer.addFixed<DataType::OBJECT, 1>(&zero);
    return writer;
  }
  /// The byte's value means nothing and is not looked at.
  static ConvertResult onRecv(const DataPoint& point, Void&) {
    if (point.type() != DataType::OBJECT) return wire_detail::typeMisfit(point, DataType::OBJECT);
    if (point.payload().size() != 1) {
      return wire_detail::misfit(WireErrc::objectSizeMismatch, point, point.payload().size(), 1);
    }
    return {};
  }
};

/// A received view lies in the message: it is valid as long as the message is.
template <>
struct RawTypeConvert<std::string_view> {
  static std::size_t sizeBound(std::string_view value) { return DataPointWriter::sizeBound(value.size()); }
  [[gnu::always_inline]] static inline DataPointWriter onSend(DataPointWriter writer,
                                                              std::string_view value) {
    writer.addBytes(DataType::STRING, std::as_bytes(std::span(value)));
    return writer;
  }
  static ConvertResult onRecv(const DataPoint& point, std::string_view& value) {
    if (point.type() != DataType::STRING) return wire_detail::typeMisfit(point, DataType::STRING);
    value = {reinterpret_cast<const char*>(point.payload().data()), point.payload().size()};
    return {};
  }
};

template <>
struct RawTypeConvert<std::string> {
  static std::size_t sizeBound(const std::string& value) { return DataPointWriter::sizeBound(value.size()); }
  [[gnu::always_inline]] static inline DataPointWriter onSend(DataPointWriter writer,
                                                              const std::string& value) {
    return RawTypeConvert<std::string_view>::onSend(writer, value);
  }
  static ConvertResult onRecv(const DataPoint& point, std::string& value) {
    std::string_view view;
    auto received = RawTypeConvert<std::string_view>::onRecv(point, view);
    if (received) value.assign(view);
    return received;
  }
};

template <class T>
struct RawTypeConvert<std::vector<T>> {
  static std::size_t sizeBound(const std::vector<T>& values) {
    return wire_detail::vectorSizeBound(std::span<const T>(values));
  }
  static DataPointWriter onSend(DataPointWriter writer, const std::vector<T>& values) {
    return wire_detail::sendVector(writer, std::span<const T>(values));
  }
  static ConvertResult onRecv(const DataPoint& point, std::vector<T>& values) {
    switch (point.type()) {
      case DataType::EMPTY_VECTOR: values.clear(); return {};
      case DataType::VECTOR: return wire_detail::receiveElements(point, values);
      case DataType::SIMPLE_VECTOR:
        if constexpr (kIsSimpleElement<T>) return wire_detail::receiveSimpleVector(point, values);
        [[fallthrough]];
      default:
        return wire_detail::typeMisfit(point,
                                       kIsSimpleElement<T> ? DataType::SIMPLE_VECTOR : DataType::VECTOR);
    }
  }
};

/// Sent as a vector of its elements. Received without a copy where the sender wrote a SIMPLE_VECTOR of
/// elements of this size and the data lies aligned for T; valid as long as the message is.
template <class T>
struct RawTypeConvert<std::span<const T>> {
  static std::size_t sizeBound(std::span<const T> values) { return wire_detail::vectorSizeBound(values); }
  static DataPointWriter onSend(DataPointWriter writer, std::span<const T> values) {
    return wire_detail::sendVector(writer, values);
  }
  static ConvertResult onRecv(const DataPoint& point, std::span<const T>& values) {
    if (point.type() == DataType::EMPTY_VECTOR) {
      values = {};
      return {};
    }
    if (point.type() != DataType::SIMPLE_VECTOR)
      return wire_detail::typeMisfit(point, DataType::SIMPLE_VECTOR);
    const std::span<const std::byte> payload = point.payload();
    if (point.descriptor().element_size != sizeof(T)) {
      return wire_detail::misfit(WireErrc::objectSizeMismatch, point, point.descriptor().element_size,
                                 sizeof(T));
    }
    if (std::bit_cast<std::uintptr_t>(payload.data()) % alignof(T) != 0) {
      return wire_detail::misfit(WireErrc::misalignedView, point);
    }
    values = {reinterpret_cast<const T*>(payload.data()), payload.size() / sizeof(T)};
    return {};
  }
};

template <class... T>
struct RawTypeConvert<std::tuple<T...>> {
  static std::size_t sizeBound(const std::tuple<T...>& values) {
    return sizeof(DataDescriptor) +
           std::apply([](const T&... value) { return (RawTypeConvert<T>::sizeBound(value) + ...); }, values);
  }
  [[gnu::always_inline]] static inline DataPointWriter onSend(DataPointWriter writer,
                                                              const std::tuple<T...>& values) {
    const std::size_t tuple = writer.openContainer();
    writer = sendEach(writer, values, std::index_sequence_for<T...>{});
    writer.closeContainer(DataType::TUPLE, tuple);
    return writer;
  }
  static ConvertResult onRecv(const DataPoint& point, std::tuple<T...>& values) {
    if (point.type() != DataType::TUPLE) return wire_detail::typeMisfit(point, DataType::TUPLE);
    return receiveSequence(point.elements(), point.offset(), "tuple element count", values,
                           std::index_sequence_for<T...>{});
  }

  /// Data points in sequence, exactly as many as the tuple has: a tuple's, or a message's.
  template <std::size_t... kIndex>
  static ConvertResult receiveSequence(const DataPointRange& points, std::size_t offset, const char* field,
                                       std::tuple<T...>& values, std::index_sequence<kIndex...>) {
    auto next = points.begin();
    const auto end = points.end();
    ConvertResult result;
    std::size_t converted = 0;
    const auto convert = [&](auto& value) {
      if (next == end) return false;
      result = RawTypeConvert<std::remove_reference_t<decltype(value)>>::onRecv(*next, value);
      if (!result) return false;
      ++next;
      ++converted;
      return true;
    };
    const bool all = (convert(std::get<kIndex>(values)) && ...);
    if (!result || (all && next == end)) return result;
    for (; next != end; ++next) ++converted;
    return std::unexpected(WireError{WireErrc::arityMismatch, offset, field, converted, sizeof...(T)});
  }

 private:
  template <std::size_t... kIndex>
  [[gnu::always_inline]] static inline DataPointWriter sendEach(DataPointWriter writer,
                                                                const std::tuple<T...>& values,
                                                                std::index_sequence<kIndex...>) {
    ((writer = RawTypeConvert<T>::onSend(writer, std::get<kIndex>(values))), ...);
    return writer;
  }
};

namespace wire_detail {

template <class T>
ConvertResult receiveElements(const DataPoint& point, std::vector<T>& values) {
  values.clear();
  // The validated count fits the message, but many empty elements of a large T would still ask for far more
  // memory than has arrived: reserve no more bytes than that.
  values.reserve(std::min<std::size_t>(point.vectorCount(), point.payload().size() / sizeof(T) + 1));
  for (const DataPoint element : point.elements()) {
    T value{};
    if (auto received = RawTypeConvert<T>::onRecv(element, value); !received) return received;
    values.push_back(std::move(value));
  }
  return {};
}

}  // namespace wire_detail
}  // namespace jitrig
