#pragma once

#include <cstddef>
#include <tuple>

#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/protobuf_type_convert.h"

namespace jitrig {

/// Appends each argument as one value with the tag of its type. Literals: pass a std::string for characters,
/// and mind that 1 is an int32_t and 1L an int64_t.
template <class... T>
void setArgs(JitaasMessage& message, const T&... args) {
  static_assert(sizeof...(T) != 0, "A message needs at least one value: send jitrig::Void.");
  (requireProtobufSerializable<T>(), ...);
  const std::size_t size_bytes = (jitaas_detail::lengthFieldSize(jitaas_detail::taggedSize(args)) + ...);
  jitaas_detail::EncodedWriter out(message.addEncodedValues(size_bytes));
  (jitaas_detail::writeTagged(out, args), ...);
}

/// Reads the values as exactly these types, from the bytes that came where these are as protobuf writes them,
/// otherwise from what protobuf reads. Compares their number, the members that carry them, sizes, and
/// with TagCheck::strict their tags. Throws StreamTypeMismatch, StreamArityMismatch. Views point into the
/// message.
template <class... T>
std::tuple<T...> getArgs(const JitaasMessage& message, const ReceiveOptions& options = {}) {
  static_assert(sizeof...(T) != 0, "A message has at least one value: read jitrig::Void.");
  (requireProtobufSerializable<T>(), ...);
  using Convert = ProtobufTypeConvert<std::tuple<T...>>;
  std::tuple<T...> values;
  if (const auto encoded = message.encodedValues()) {
    jitaas_detail::EncodedReader in(*encoded);
    if (Convert::readSequence(in, values, options.tags) && in.atEnd()) return values;
    values = {};
  }
  Convert::receiveSequence(message.data(), values, options, nullptr);
  return values;
}

}  // namespace jitrig
