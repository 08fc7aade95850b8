#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "protocol/wire/void.h"

namespace jitrig {
namespace wire_detail {

template <class T>
inline constexpr bool kIsPair = false;
template <class A, class B>
inline constexpr bool kIsPair<std::pair<A, B>> = true;

template <class T>
inline constexpr bool kIsTuple = false;
template <class... T>
inline constexpr bool kIsTuple<std::tuple<T...>> = true;

template <class T>
inline constexpr bool kIsVector = false;
template <class T, class A>
inline constexpr bool kIsVector<std::vector<T, A>> = true;

template <class T>
inline constexpr bool kIsSpan = false;
template <class T, std::size_t kExtent>
inline constexpr bool kIsSpan<std::span<T, kExtent>> = true;

template <class T>
inline constexpr bool kIsCharacterString = false;
template <class C, class Tr, class A>
inline constexpr bool kIsCharacterString<std::basic_string<C, Tr, A>> = true;
template <class C, class Tr>
inline constexpr bool kIsCharacterString<std::basic_string_view<C, Tr>> = true;

template <class T>
inline constexpr bool kIsCharPointer =
    std::is_pointer_v<T> && std::is_same_v<std::remove_cv_t<std::remove_pointer_t<T>>, char>;

template <class T>
inline constexpr bool kHasOwnDataType =
    std::is_same_v<T, bool> || std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::uint32_t> ||
    std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint64_t> || std::is_same_v<T, Void>;

}  // namespace wire_detail

/// Types whose bytes travel as they lie in memory.
template <class T>
concept TravelsAsObject =
    std::is_trivially_copyable_v<T> && std::is_object_v<T> && !std::is_const_v<T> && !std::is_array_v<T> &&
    !wire_detail::kHasOwnDataType<T> && !wire_detail::kIsCharPointer<T> && !wire_detail::kIsTuple<T> &&
    !wire_detail::kIsPair<T> && !wire_detail::kIsVector<T> && !wire_detail::kIsSpan<T> &&
    !wire_detail::kIsCharacterString<T>;

/// Elements of a SIMPLE_VECTOR: their size has to fit one byte.
template <class T>
inline constexpr bool kIsSimpleElement =
    (TravelsAsObject<T> || (wire_detail::kHasOwnDataType<T> && !std::is_same_v<T, bool>)) && sizeof(T) <= 255;

/// What can be a data point (spec: wire.md). Compare with requireSerializable, which says why not.
template <class T>
inline constexpr bool kIsSerializable = TravelsAsObject<T> || wire_detail::kHasOwnDataType<T>;
template <>
inline constexpr bool kIsSerializable<std::string> = true;
template <>
inline constexpr bool kIsSerializable<std::string_view> = true;
template <class T>
inline constexpr bool kIsSerializable<std::vector<T>> = kIsSerializable<T> && !std::is_same_v<T, bool>;
template <class T>
inline constexpr bool kIsSerializable<std::span<const T>> = kIsSimpleElement<T>;
template <class... T>
// NOLINTNEXTLINE(misc-redundant-expression): a tuple may have two elements of the same type
inline constexpr bool kIsSerializable<std::tuple<T...>> = sizeof...(T) != 0 && (kIsSerializable<T> && ...);

/// kIsSerializable as a constraint.
template <class T>
concept Serializable = kIsSerializable<T>;

/// Fails to compile with the rule that T breaks, instead of with a page of template names.
template <class T>
consteval void requireSerializable() {
  using namespace wire_detail;
  static_assert(!kIsCharPointer<T> && !std::is_array_v<T>,
                "A pointer is copied, not what it points to: to send characters wrap them in a std::string "
                "(or pass a std::string_view); to send the address itself cast it to void*.");
  static_assert(!kIsPair<T>, "std::pair is not serialisable: use a std::tuple.");
  static_assert(!std::is_same_v<T, std::tuple<>>, "An empty tuple is not serialisable: send jitrig::Void.");
  static_assert(
      !std::is_same_v<T, std::vector<bool>>,
      "std::vector<bool> is not serialisable (its elements are bits): use std::vector<std::uint8_t>.");
  static_assert(!kIsCharacterString<T> || kIsSerializable<T>,
                "Of the strings only std::string and std::string_view are serialisable.");
  static_assert(!kIsSpan<T> || kIsSerializable<T>,
                "Of the spans only std::span<const T> of elements that travel as a SIMPLE_VECTOR (trivially "
                "copyable, at most 255 bytes) is serialisable: use a std::vector.");
  static_assert(kIsPair<T> || kIsTuple<T> || kIsVector<T> || kIsSpan<T> || kIsCharacterString<T> ||
                    std::is_trivially_copyable_v<T>,
                "Only trivially copyable types, std::string, std::vector and std::tuple of such are "
                "serialisable: send a struct that holds strings or vectors as a std::tuple of its members.");
  static_assert(
      kIsSerializable<T> || !(kIsTuple<T> || kIsVector<T>),
      "An element of this vector or tuple is not serialisable: allowed are trivially copyable types "
      "(a pointer is copied, not what it points to), std::string, std::vector and std::tuple of such.");
  static_assert(kIsSerializable<T>,
                "Not serialisable: allowed are trivially copyable types (a pointer is copied, not what it "
                "points to), std::string, and std::vector and std::tuple of such.");
}

}  // namespace jitrig
