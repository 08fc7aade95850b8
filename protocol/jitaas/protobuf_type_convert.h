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
#include "protocol/jitaas/encoded_values.h"
#include "protocol/jitaas/protobuf_serializable.h"
#include "protocol/jitaas/receiving_place.h"
#include "protocol/jitaas/type_tag.h"

namespace jitrig {

/// How a C++ type becomes the content of a value and comes back.
///
///   size(value), write(out, value)   the content's bytes
///   read(in, value)                  what write() made; false for all else
///   onRecv(any, value, place)        whatever protobuf allows; throws StreamTypeMismatch with words, or
///                                    StreamArityMismatch for a tuple of another length
///
/// Where reading fails, `value` is left as it happens to be. Tags are written and compared by whoever calls.
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

/// A value of the top level, or a tuple's: zero tags are left out.
template <class T>
std::size_t taggedSize(const T& value) {
  return ProtobufTypeConvert<T>::size(value) + (kTypeTag<T> == 0 ? 0 : 1 + varintSize(kTypeTag<T>));
}

template <class T>
void writeTagged(EncodedWriter& out, const T& value) {
  out.number(FieldKey::kValue, taggedSize(value));
  if (kTypeTag<T> != 0) out.number(FieldKey::kTag, kTypeTag<T>);
  ProtobufTypeConvert<T>::write(out, value);
}

template <class T>
bool readTagged(EncodedReader& in, T& value, TagCheck tags) {
  return in.within(FieldKey::kValue, [&] {
    std::uint64_t tag = 0;
    if (in.isNext(FieldKey::kTag) && !in.number(FieldKey::kTag, tag)) return false;
    if (tags == TagCheck::strict && tag != kTypeTag<T>) return false;
    return ProtobufTypeConvert<T>::read(in, value, tags);
  });
}

/// The four integers, and what travels as one of them. A number that the type does not have is left to
/// onRecv.
template <class T, std::uint8_t kKey>
struct NumberConvert {
  static std::size_t size(T value) { return 1 + varintSize(static_cast<std::uint64_t>(value)); }
  static void write(EncodedWriter& out, T value) { out.number(kKey, static_cast<std::uint64_t>(value)); }
  static bool read(EncodedReader& in, T& value, TagCheck /*tags*/) {
    std::uint64_t number = 0;
    if (!in.number(kKey, number)) return false;
    value = static_cast<T>(number);
    return static_cast<std::uint64_t>(value) == number;
  }
};

template <class T>
void receiveTagged(const JITServer::Any& any, T& value, const Place& place) {
  if (place.options.tags == TagCheck::strict && any_data::tag(any) != kTypeTag<T>) [[unlikely]]
    throwTypeMismatch(place, describeTagMismatch(place, any, kTypeTag<T>, compilersNameOf<T>()));
  ProtobufTypeConvert<T>::onRecv(any, value, place);
}

/// As they lie in memory.
template <class T>
struct BytesConvert {
  static std::size_t size(const T& /*value*/) { return lengthFieldSize(sizeof(T)); }
  static void write(EncodedWriter& out, const T& value) {
    out.bytes(FieldKey::kBytes, std::as_bytes(std::span<const T, 1>(&value, 1)));
  }
  static bool read(EncodedReader& in, T& value, TagCheck /*tags*/) {
    std::string_view bytes;
    if (!in.bytes(FieldKey::kBytes, bytes) || bytes.size() != sizeof(T)) return false;
    std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof(T));
    return true;
  }
  static void onRecv(const JITServer::Any& any, T& value, const Place& place) {
    requireKind<T>(any, AnyKind::bytes, place);
    const std::string& bytes = any_data::bytes(any);
    if (bytes.size() != sizeof(T)) [[unlikely]]
      throwTypeMismatch(place, describeSizeMismatch(place, bytes.size(), sizeof(T), compilersNameOf<T>()));
    std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof(T));
  }
};

template <class String>
struct StringConvert {
  static std::size_t size(const String& value) { return lengthFieldSize(value.size()); }
  static void write(EncodedWriter& out, const String& value) {
    out.bytes(FieldKey::kBytes, std::as_bytes(std::span(value)));
  }
  static bool read(EncodedReader& in, String& value, TagCheck /*tags*/) {
    std::string_view bytes;
    if (!in.bytes(FieldKey::kBytes, bytes)) return false;
    value = bytes;
    return true;
  }
};

/// What a vector's element is: never a member of the integers'.
template <class T>
using ElementConvert = std::conditional_t<TravelsAsObject<T> || wire_detail::kHasOwnDataType<T>,
                                          BytesConvert<T>, ProtobufTypeConvert<T>>;

}  // namespace jitaas_detail

template <>
struct ProtobufTypeConvert<std::uint64_t>
    : jitaas_detail::NumberConvert<std::uint64_t, jitaas_detail::FieldKey::kUint64> {
  static void onRecv(const JITServer::Any& any, std::uint64_t& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::uint64_t>(any, AnyKind::uint64, place);
    value = any_data::uint64(any);
  }
};

template <>
struct ProtobufTypeConvert<std::uint32_t>
    : jitaas_detail::NumberConvert<std::uint32_t, jitaas_detail::FieldKey::kUint32> {
  static void onRecv(const JITServer::Any& any, std::uint32_t& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::uint32_t>(any, AnyKind::uint32, place);
    value = any_data::uint32(any);
  }
};

template <>
struct ProtobufTypeConvert<std::int64_t>
    : jitaas_detail::NumberConvert<std::int64_t, jitaas_detail::FieldKey::kInt64> {
  static void onRecv(const JITServer::Any& any, std::int64_t& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::int64_t>(any, AnyKind::int64, place);
    value = any_data::int64(any);
  }
};

template <>
struct ProtobufTypeConvert<std::int32_t>
    : jitaas_detail::NumberConvert<std::int32_t, jitaas_detail::FieldKey::kInt32> {
  static void onRecv(const JITServer::Any& any, std::int32_t& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::int32_t>(any, AnyKind::int32, place);
    value = any_data::int32(any);
  }
};

template <>
struct ProtobufTypeConvert<bool> : jitaas_detail::NumberConvert<bool, jitaas_detail::FieldKey::kBool> {
  static void onRecv(const JITServer::Any& any, bool& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<bool>(any, AnyKind::boolean, place);
    value = any_data::boolean(any);
  }
};

template <>
struct ProtobufTypeConvert<Void> {
  static std::size_t size(Void) { return 2; }
  static void write(jitaas_detail::EncodedWriter& out, Void) {
    out.number(jitaas_detail::FieldKey::kBool, 0);
  }
  static bool read(jitaas_detail::EncodedReader& in, Void&, TagCheck /*tags*/) {
    std::uint64_t ignored = 0;
    return in.number(jitaas_detail::FieldKey::kBool, ignored);
  }
  /// Which of the two it is means nothing.
  static void onRecv(const JITServer::Any& any, Void&, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<Void>(any, AnyKind::boolean, place);
  }
};

template <class T>
struct ProtobufTypeConvert<T*> {
  using Number = ProtobufTypeConvert<std::uint64_t>;
  static std::size_t size(T* value) { return Number::size(reinterpret_cast<std::uintptr_t>(value)); }
  static void write(jitaas_detail::EncodedWriter& out, T* value) {
    Number::write(out, reinterpret_cast<std::uintptr_t>(value));
  }
  static bool read(jitaas_detail::EncodedReader& in, T*& value, TagCheck tags) {
    std::uint64_t number = 0;
    if (!Number::read(in, number, tags)) return false;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how a pointer travels
    value = reinterpret_cast<T*>(static_cast<std::uintptr_t>(number));
    return true;
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
struct ProtobufTypeConvert<T> : jitaas_detail::NumberConvert<T, jitaas_detail::FieldKey::kUint64> {
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
struct ProtobufTypeConvert<std::string_view> : jitaas_detail::StringConvert<std::string_view> {
  static void onRecv(const JITServer::Any& any, std::string_view& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::string>(any, AnyKind::bytes, place);
    value = any_data::bytes(any);
  }
};

template <>
struct ProtobufTypeConvert<std::string> : jitaas_detail::StringConvert<std::string> {
  static void onRecv(const JITServer::Any& any, std::string& value, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::string>(any, AnyKind::bytes, place);
    value = any_data::bytes(any);
  }
};

template <ProtobufMessage T>
struct ProtobufTypeConvert<T> {
  static std::size_t size(const T& value) { return jitaas_detail::lengthFieldSize(value.ByteSizeLong()); }
  static void write(jitaas_detail::EncodedWriter& out, const T& value) {
    const std::size_t size_bytes = value.ByteSizeLong();
    out.number(jitaas_detail::FieldKey::kBytes, size_bytes);
    value.SerializeToArray(out.take(size_bytes), static_cast<int>(size_bytes));
  }
  static bool read(jitaas_detail::EncodedReader& in, T& value, TagCheck /*tags*/) {
    std::string_view bytes;
    return in.bytes(jitaas_detail::FieldKey::kBytes, bytes) &&
           value.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
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
  using Element = jitaas_detail::ElementConvert<T>;

  static std::size_t size(const std::vector<T>& values) {
    return jitaas_detail::lengthFieldSize(elementsSize(values));
  }
  static void write(jitaas_detail::EncodedWriter& out, const std::vector<T>& values) {
    out.number(jitaas_detail::FieldKey::kVector, elementsSize(values));
    for (const T& value : values) {
      out.number(jitaas_detail::FieldKey::kValue, Element::size(value));
      Element::write(out, value);
    }
  }
  static bool read(jitaas_detail::EncodedReader& in, std::vector<T>& values, TagCheck tags) {
    return in.within(jitaas_detail::FieldKey::kVector, [&] {
      values.reserve(in.count());
      while (!in.atEnd()) {
        T value{};
        if (!in.within(jitaas_detail::FieldKey::kValue, [&] { return Element::read(in, value, tags); }))
          return false;
        values.push_back(std::move(value));
      }
      return true;
    });
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

 private:
  static std::size_t elementsSize(const std::vector<T>& values) {
    std::size_t size_bytes = 0;
    for (const T& value : values) size_bytes += jitaas_detail::lengthFieldSize(Element::size(value));
    return size_bytes;
  }
};

template <class... T>
struct ProtobufTypeConvert<std::tuple<T...>> {
  static std::size_t size(const std::tuple<T...>& values) {
    return jitaas_detail::lengthFieldSize(sequenceSize(values));
  }
  static void write(jitaas_detail::EncodedWriter& out, const std::tuple<T...>& values) {
    out.number(jitaas_detail::FieldKey::kVector, sequenceSize(values));
    std::apply([&](const T&... value) { (jitaas_detail::writeTagged(out, value), ...); }, values);
  }
  static bool read(jitaas_detail::EncodedReader& in, std::tuple<T...>& values, TagCheck tags) {
    return in.within(jitaas_detail::FieldKey::kVector, [&] { return readSequence(in, values, tags); });
  }
  static void onRecv(const JITServer::Any& any, std::tuple<T...>& values, const jitaas_detail::Place& place) {
    jitaas_detail::requireKind<std::tuple<T...>>(any, AnyKind::vector, place);
    receiveSequence(any_data::vector(any), values, place.options, &place);
  }

  static std::size_t sequenceSize(const std::tuple<T...>& values) {
    const auto field = [](const auto& value) {
      return jitaas_detail::lengthFieldSize(jitaas_detail::taggedSize(value));
    };
    return std::apply([&](const T&... value) { return (field(value) + ...); }, values);
  }
  static bool readSequence(jitaas_detail::EncodedReader& in, std::tuple<T...>& values, TagCheck tags) {
    return std::apply([&](T&... value) { return (jitaas_detail::readTagged(in, value, tags) && ...); },
                      values);
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
