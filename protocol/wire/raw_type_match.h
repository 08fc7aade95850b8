#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "protocol/wire/canonical_reader.h"
#include "protocol/wire/serializable.h"

namespace jitrig::wire_detail {

/// The fast way in which a C++ type comes back from its canonical form, beside RawTypeConvert, which knows
/// every form and every error. kLeast is what a data point of T takes at least, kDepth how deep containers
/// can nest in it. match() fills `value` or says that the other way has to be tried; `value` is then whatever
/// it is.
template <class T>
struct RawTypeMatch;

template <class T, DataType kType>
struct FixedSizeMatch {
  static constexpr std::size_t kLeast = sizeof(DataDescriptor) + paddedSize(sizeof(T));
  static constexpr std::size_t kDepth = 0;

  [[gnu::always_inline]] static inline bool match(CanonicalReader& reader, T& value) {
    const std::byte* payload = nullptr;
    if (!reader.fixed<kType, sizeof(T)>(payload)) return false;
    std::memcpy(static_cast<void*>(&value), payload, sizeof(T));
    return true;
  }
};

template <>
struct RawTypeMatch<std::int32_t> : FixedSizeMatch<std::int32_t, DataType::INT32> {};
template <>
struct RawTypeMatch<std::int64_t> : FixedSizeMatch<std::int64_t, DataType::INT64> {};
template <>
struct RawTypeMatch<std::uint32_t> : FixedSizeMatch<std::uint32_t, DataType::UINT32> {};
template <>
struct RawTypeMatch<std::uint64_t> : FixedSizeMatch<std::uint64_t, DataType::UINT64> {};
template <TravelsAsObject T>
struct RawTypeMatch<T> : FixedSizeMatch<T, DataType::OBJECT> {};

template <>
struct RawTypeMatch<bool> {
  static constexpr std::size_t kLeast = sizeof(DataDescriptor) + 4;
  static constexpr std::size_t kDepth = 0;

  [[gnu::always_inline]] static inline bool match(CanonicalReader& reader, bool& value) {
    const std::byte* payload = nullptr;
    if (!reader.fixed<DataType::BOOL, 1>(payload)) return false;
    value = *payload != std::byte{0};
    return true;
  }
};

template <>
struct RawTypeMatch<Void> {
  static constexpr std::size_t kLeast = sizeof(DataDescriptor) + 4;
  static constexpr std::size_t kDepth = 0;

  [[gnu::always_inline]] static inline bool match(CanonicalReader& reader, Void&) {
    const std::byte* payload = nullptr;
    return reader.fixed<DataType::OBJECT, 1>(payload);
  }
};

template <class String>
struct StringMatch {
  static constexpr std::size_t kLeast = sizeof(DataDescriptor);
  static constexpr std::size_t kDepth = 0;

  [[gnu::always_inline]] static inline bool match(CanonicalReader& reader, String& value) {
    std::span<const std::byte> payload;
    if (!reader.string(payload)) return false;
    value = std::string_view(reinterpret_cast<const char*>(payload.data()), payload.size());
    return true;
  }
};
template <>
struct RawTypeMatch<std::string_view> : StringMatch<std::string_view> {};
template <>
struct RawTypeMatch<std::string> : StringMatch<std::string> {};

template <class T>
struct RawTypeMatch<std::span<const T>> {
  static constexpr std::size_t kLeast = sizeof(DataDescriptor);
  static constexpr std::size_t kDepth = 0;

  [[gnu::always_inline]] static inline bool match(CanonicalReader& reader, std::span<const T>& values) {
    std::span<const std::byte> payload;
    if (reader.emptyVector()) {
      values = {};
      return true;
    }
    if (!reader.simpleVector<sizeof(T)>(payload)) return false;
    if (std::bit_cast<std::uintptr_t>(payload.data()) % alignof(T) != 0) return false;
    values = {reinterpret_cast<const T*>(payload.data()), payload.size() / sizeof(T)};
    return true;
  }
};

template <class T>
struct RawTypeMatch<std::vector<T>> {
  static constexpr std::size_t kLeast = sizeof(DataDescriptor);
  static constexpr std::size_t kDepth = kIsSimpleElement<T> ? 0 : 1 + RawTypeMatch<T>::kDepth;

  static bool match(CanonicalReader& reader, std::vector<T>& values) {
    if (reader.emptyVector()) {
      values.clear();
      return true;
    }
    if constexpr (kIsSimpleElement<T>) {
      std::span<const std::byte> payload;
      if (!reader.simpleVector<sizeof(T)>(payload)) return false;
      values.resize(payload.size() / sizeof(T));
      if (!payload.empty()) std::memcpy(static_cast<void*>(values.data()), payload.data(), payload.size());
      return true;
    } else {
      return matchElements(reader, values);
    }
  }

 private:
  /// The elements that are there already are read over: their storage serves again.
  static bool matchElements(CanonicalReader& reader, std::vector<T>& values) {
    using Match = RawTypeMatch<T>;
    // Before anything was read, memory in proportion to what has arrived: the count is proven to fit.
    static_assert(sizeof(T) <= 8 * Match::kLeast);
    std::uint32_t count = 0;
    CanonicalReader elements = reader;
    if (!reader.vector(Match::kLeast, elements, count)) return false;
    values.resize(count);
    for (T& value : values) {
      if (!Match::match(elements, value)) return false;
    }
    return elements.slack() == 0;
  }
};

template <class... T>
struct RawTypeMatch<std::tuple<T...>> {
  /// Of the nested data points alone.
  static constexpr std::size_t kNestedLeast = (RawTypeMatch<T>::kLeast + ...);
  static constexpr std::size_t kLeast = sizeof(DataDescriptor) + kNestedLeast;
  static constexpr std::size_t kDepth = 1 + std::max({RawTypeMatch<T>::kDepth...});

  [[gnu::always_inline]] static inline bool match(CanonicalReader& reader, std::tuple<T...>& values) {
    CanonicalReader nested = reader;
    return reader.tuple(kNestedLeast, nested) && matchNested(nested, values);
  }

  /// All of them and nothing more: a tuple's, or a message's.
  [[gnu::always_inline]] static inline bool matchNested(CanonicalReader& nested, std::tuple<T...>& values) {
    return matchEach(nested, values, std::index_sequence_for<T...>{}) && nested.slack() == 0;
  }

 private:
  template <std::size_t... kIndex>
  [[gnu::always_inline]] static inline bool matchEach(CanonicalReader& nested, std::tuple<T...>& values,
                                                      std::index_sequence<kIndex...>) {
    return (RawTypeMatch<T>::match(nested, std::get<kIndex>(values)) && ...);
  }
};

}  // namespace jitrig::wire_detail
