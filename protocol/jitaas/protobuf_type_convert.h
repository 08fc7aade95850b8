#pragma once

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

#include "protocol/jitaas/any_data.h"
#include "protocol/jitaas/protobuf_serializable.h"
#include "protocol/jitaas/receiving_place.h"
#include "protocol/jitaas/type_tag.h"

namespace jitrig {

/// How a C++ type becomes the content of a value and comes back. onRecv throws StreamTypeMismatch, or
/// StreamArityMismatch for a tuple of another length; `value` is then left as it happens to be. Tags are
/// written and compared by whoever calls.
///
///   the four integers, bool      the member of the same name
///   pointer, enumeration         uint64_v
///   Void                         bool_v = false
///   std::string, string_view     bytes_v
///   other trivially copyable     bytes_v, as they lie in memory
///   google::protobuf::Message    bytes_v, serialised
///   std::tuple                   vector_v, each member with its tag
///   std::vector                  vector_v, elements without tags: tuples as above, all else bytes_v
template <class T>
struct ProtobufTypeConvert;

namespace jitaas_detail {

template <class T>
void requireKind(const JITServer::Any& any, AnyKind expected, const Place& place) {
  if (any_data::kind(any) != expected) [[unlikely]]
    throwTypeMismatch(place, describeKindMismatch(place, any, expected, compilersNameOf<T>()));
}

/// A value of the top level, or a tuple's.
template <class T>
void sendTagged(JITServer::AnyData& data, const T& value) {
  JITServer::Any& any = any_data::add(data);
  any_data::setTag(any, kTypeTag<T>);
  ProtobufTypeConvert<T>::onSend(any, value);
}

template <class T>
void receiveTagged(const JITServer::Any& any, T& value, const Place& place) {
  if (place.options.tags == TagCheck::strict && any_data::tag(any) != kTypeTag<T>) [[unlikely]]
    throwTypeMismatch(place, describeTagMismatch(place, any, kTypeTag<T>, compilersNameOf<T>()));
  ProtobufTypeConvert<T>::onRecv(any, value, place);
}

/// As they lie in memory.
template <class T>
struct BytesConvert {
  static void onSend(JITServer::Any& any, const T& value) {
    any_data::setBytes(any, std::as_bytes(std::span<const T, 1>(&value, 1)));
  }
  static void onRecv(const JITServer::Any& any, T& value, const Place& place) {
    requireKind<T>(any, AnyKind::bytes, place);
    const std::string& bytes = any_data::bytes(any);
    if (bytes.size() != sizeof(T)) [[unlikely]]
      throwTypeMismatch(place, describeSizeMismatch(place, bytes.size(), sizeof(T), compilersNameOf<T>()));
    std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof(T));
  }
};

/// What a vector's element is: never a member of the integers'.
template <class T>
using ElementConvert = std::conditional_t<TravelsAsObject<T> || wire_detail::kHasOwnDataType<T>,
                                          BytesConvert<T>, ProtobufTypeConvert<T>>;

}  // namespace jitaas_detail

template <>
struct ProtobufTypeConvert<std::uint64_t> {
  static void onSend(JITServer::Any& any, std::uint64_t value) { any_data::setUint64(any, value); }
  static void onRecv(const JITServer::Any& any, std::uint64_t& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::uint64_t>(any, AnyKind::uint64, place);
    value = any_data::uint64(any);
  }
};

template <>
struct ProtobufTypeConvert<std::uint32_t> {
  static void onSend(JITServer::Any& any, std::uint32_t value) { any_data::setUint32(any, value); }
  static void onRecv(const JITServer::Any& any, std::uint32_t& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::uint32_t>(any, AnyKind::uint32, place);
    value = any_data::uint32(any);
  }
};

template <>
struct ProtobufTypeConvert<std::int64_t> {
  static void onSend(JITServer::Any& any, std::int64_t value) { any_data::setInt64(any, value); }
  static void onRecv(const JITServer::Any& any, std::int64_t& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::int64_t>(any, AnyKind::int64, place);
    value = any_data::int64(any);
  }
};

template <>
struct ProtobufTypeConvert<std::int32_t> {
  static void onSend(JITServer::Any& any, std::int32_t value) { any_data::setInt32(any, value); }
  static void onRecv(const JITServer::Any& any, std::int32_t& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::int32_t>(any, AnyKind::int32, place);
    value = any_data::int32(any);
  }
};

template <>
struct ProtobufTypeConvert<bool> {
  static void onSend(JITServer::Any& any, bool value) { any_data::setBool(any, value); }
  static void onRecv(const JITServer::Any& any, bool& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<bool>(any, AnyKind::boolean, place);
    value = any_data::boolean(any);
  }
};

template <>
struct ProtobufTypeConvert<Void> {
  static void onSend(JITServer::Any& any, Void) { any_data::setBool(any, false); }
  /// Which of the two it is means nothing.
  static void onRecv(const JITServer::Any& any, Void&, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<Void>(any, AnyKind::boolean, place);
  }
};

template <class T>
struct ProtobufTypeConvert<T*> {
  static void onSend(JITServer::Any& any, T* value) {
    any_data::setUint64(any, reinterpret_cast<std::uintptr_t>(value));
  }
  /// An address of the other process: never to be followed.
  static void onRecv(const JITServer::Any& any, T*& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<T*>(any, AnyKind::uint64, place);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how a pointer travels
    value = reinterpret_cast<T*>(static_cast<std::uintptr_t>(any_data::uint64(any)));
  }
};

template <class T>
  requires std::is_enum_v<T>
struct ProtobufTypeConvert<T> {
  static void onSend(JITServer::Any& any, T value) {
    any_data::setUint64(any, static_cast<std::uint64_t>(value));
  }
  /// Any number that the underlying type has, whether an enumerator is called so or not.
  static void onRecv(const JITServer::Any& any, T& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<T>(any, AnyKind::uint64, place);
    const std::uint64_t number = any_data::uint64(any);
    const auto underlying = static_cast<std::underlying_type_t<T>>(number);
    if (static_cast<std::uint64_t>(underlying) != number) [[unlikely]] {
      jitaas_detail::throwTypeMismatch(
          place, jitaas_detail::describeContentMismatch(place, "the number " + std::to_string(number),
                                                        jitaas_detail::compilersNameOf<T>()));
    }
    value = static_cast<T>(underlying);
  }
};

template <TravelsAsObject T>
  requires(!std::is_enum_v<T> && !std::is_pointer_v<T>)
struct ProtobufTypeConvert<T> : jitaas_detail::BytesConvert<T> {};

/// A received view lies in the message: it is valid as long as the message is, and unchanged.
template <>
struct ProtobufTypeConvert<std::string_view> {
  static void onSend(JITServer::Any& any, std::string_view value) {
    any_data::setBytes(any, std::as_bytes(std::span(value)));
  }
  static void onRecv(const JITServer::Any& any, std::string_view& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::string>(any, AnyKind::bytes, place);
    value = any_data::bytes(any);
  }
};

template <>
struct ProtobufTypeConvert<std::string> {
  static void onSend(JITServer::Any& any, const std::string& value) {
    any_data::setBytes(any, std::as_bytes(std::span(value)));
  }
  static void onRecv(const JITServer::Any& any, std::string& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::string>(any, AnyKind::bytes, place);
    value = any_data::bytes(any);
  }
};

template <ProtobufMessage T>
struct ProtobufTypeConvert<T> {
  static void onSend(JITServer::Any& any, const T& value) {
    value.SerializeToString(&any_data::mutableBytes(any));
  }
  static void onRecv(const JITServer::Any& any, T& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<T>(any, AnyKind::bytes, place);
    if (!value.ParseFromString(any_data::bytes(any))) [[unlikely]] {
      jitaas_detail::throwTypeMismatch(
          place, jitaas_detail::describeContentMismatch(place, "bytes that protobuf does not read as such",
                                                        jitaas_detail::compilersNameOf<T>()));
    }
  }
};

template <class T>
struct ProtobufTypeConvert<std::vector<T>> {
  static void onSend(JITServer::Any& any, const std::vector<T>& values) {
    JITServer::AnyData& elements = any_data::mutableVector(any);
    for (const T& value : values) jitaas_detail::ElementConvert<T>::onSend(any_data::add(elements), value);
  }
  static void onRecv(const JITServer::Any& any, std::vector<T>& values, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::vector<T>>(any, AnyKind::vector, place);
    const JITServer::AnyData& elements = any_data::vector(any);
    values.clear();
    for (std::size_t i = 0; i < any_data::size(elements); ++i) {
      T value{};
      jitaas_detail::ElementConvert<T>::onRecv(any_data::at(elements, i), value, {place.options, &place, i});
      values.push_back(std::move(value));
    }
  }
};

template <class... T>
struct ProtobufTypeConvert<std::tuple<T...>> {
  static void onSend(JITServer::Any& any, const std::tuple<T...>& values) {
    JITServer::AnyData& members = any_data::mutableVector(any);
    std::apply([&](const T&... value) { (jitaas_detail::sendTagged(members, value), ...); }, values);
  }
  static void onRecv(const JITServer::Any& any, std::tuple<T...>& values, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::tuple<T...>>(any, AnyKind::vector, place);
    receiveSequence(any_data::vector(any), values, place.options, &place);
  }

  /// Exactly as many as the tuple has: a tuple's members, or with no place the values of a message.
  static void receiveSequence(const JITServer::AnyData& data, std::tuple<T...>& values,
                              const ReceiveOptions& options, const jitaas_detail::Place* place) {
    if (any_data::size(data) != sizeof...(T)) [[unlikely]]
      jitaas_detail::throwArityMismatch(place, options, any_data::size(data), sizeof...(T));
    std::size_t index = 0;
    const auto receive = [&](auto& value) {
      jitaas_detail::receiveTagged(any_data::at(data, index), value, {options, place, index});
      ++index;
    };
    std::apply([&](T&... value) { (receive(value), ...); }, values);
  }
};

}  // namespace jitrig
