#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "protocol/wire/serializable.h"

namespace google::protobuf {
class Message;
}

namespace jitrig {

/// A class that protobuf's compiler made. Its serialised bytes travel.
template <class T>
concept ProtobufMessage = std::is_base_of_v<google::protobuf::Message, T>;

/// What can be a value of the older generation: its is_serializable, but without vectors of vectors (nothing
/// wrote them), and without what would send an address where somebody meant characters. Compare with
/// requireProtobufSerializable, which says why not.
template <class T>
inline constexpr bool kIsProtobufSerializable =
    TravelsAsObject<T> || wire_detail::kHasOwnDataType<T> || ProtobufMessage<T>;
template <>
inline constexpr bool kIsProtobufSerializable<std::string> = true;
template <>
inline constexpr bool kIsProtobufSerializable<std::string_view> = true;
template <class T>
inline constexpr bool kIsProtobufSerializable<std::vector<T>> =
    kIsProtobufSerializable<T> && !wire_detail::kIsVector<T> && !std::is_same_v<T, bool>;
template <class... T>
// NOLINTNEXTLINE(misc-redundant-expression): a tuple may have two elements of the same type
inline constexpr bool kIsProtobufSerializable<std::tuple<T...>> =
    sizeof...(T) != 0 && (kIsProtobufSerializable<T> && ...);

/// kIsProtobufSerializable as a constraint.
template <class T>
concept ProtobufSerializable = kIsProtobufSerializable<T>;

/// Fails to compile with the rule that T breaks, instead of with a page of template names.
template <class T>
consteval void requireProtobufSerializable() {
  using namespace wire_detail;
  static_assert(!kIsCharPointer<T> && !std::is_array_v<T>,
                "A pointer is copied, not what it points to: to send characters wrap them in a std::string "
                "(or pass a std::string_view); to send the address itself cast it to void*.");
  static_assert(!kIsPair<T>, "std::pair is not serialisable: use a std::tuple.");
  static_assert(!std::is_same_v<T, std::tuple<>>, "An empty tuple is not serialisable: send jitrig::Void.");
  static_assert(
      !std::is_same_v<T, std::vector<bool>>,
      "std::vector<bool> is not serialisable (its elements are bits): use std::vector<std::uint8_t>.");
  static_assert(!kIsCharacterString<T> || kIsProtobufSerializable<T>,
                "Of the strings only std::string and std::string_view are serialisable.");
  static_assert(!kIsSpan<T>, "A std::span is not serialisable in this generation: use a std::vector.");
  static_assert(kIsPair<T> || kIsTuple<T> || kIsVector<T> || kIsSpan<T> || kIsCharacterString<T> ||
                    ProtobufMessage<T> || std::is_trivially_copyable_v<T>,
                "Only trivially copyable types, classes derived from google::protobuf::Message, std::string, "
                "std::vector and std::tuple of such are serialisable: send a struct that holds strings or "
                "vectors as a std::tuple of its members.");
  static_assert(
      kIsProtobufSerializable<T> || !(kIsTuple<T> || kIsVector<T>),
      "An element of this vector or tuple is not serialisable: allowed are trivially copyable types "
      "(a pointer is copied, not what it points to), classes derived from "
      "google::protobuf::Message, std::string, std::tuple of such, and in a tuple std::vector; a "
      "vector of vectors has no form in this generation.");
  static_assert(
      kIsProtobufSerializable<T>,
      "Not serialisable: allowed are trivially copyable types (a pointer is copied, not what it "
      "points to), classes derived from google::protobuf::Message, std::string, and std::vector and "
      "std::tuple of such.");
}

}  // namespace jitrig
