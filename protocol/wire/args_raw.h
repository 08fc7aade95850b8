#pragma once

#include <cstdint>
#include <tuple>
#include <utility>

#include "protocol/wire/message.h"
#include "protocol/wire/raw_type_convert.h"
#include "protocol/wire/serializable.h"

namespace jitrig {

/// Appends each argument as one data point (SetArgsRaw of the field). Literals: pass a std::string for
/// characters, and mind that 1 is an int32_t and 1L an int64_t.
template <class... T>
void setArgs(Message& message, const T&... args) {
  static_assert(sizeof...(T) != 0, "A message needs at least one data point: send jitrig::Void.");
  (requireSerializable<T>(), ...);
  (RawTypeConvert<T>::onSend(message, args), ...);
}

/// Reads a parsed message as exactly these types (GetArgsRaw of the field). Compares the number of data
/// points, the wire types and the sizes, in every build. Views point into the message.
template <class... T>
Expected<std::tuple<T...>> getArgs(MessageView message) {
  static_assert(sizeof...(T) != 0, "A message has at least one data point: read jitrig::Void.");
  (requireSerializable<T>(), ...);
  if (message.numDataPoints() != sizeof...(T)) {
    return std::unexpected(
        WireError{WireErrc::arityMismatch, 14, "data point count", message.numDataPoints(), sizeof...(T)});
  }
  Expected<std::tuple<T...>> values;
  auto received = RawTypeConvert<std::tuple<T...>>::receiveSequence(
      message.dataPoints(), 14, "data point count", *values, std::index_sequence_for<T...>{});
  if (!received) return std::unexpected(received.error());
  return values;
}

}  // namespace jitrig
