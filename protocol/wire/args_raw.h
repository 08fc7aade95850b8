#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <tuple>
#include <utility>

#include "protocol/wire/message.h"
#include "protocol/wire/message_validation.h"
#include "protocol/wire/raw_type_convert.h"
#include "protocol/wire/raw_type_match.h"
#include "protocol/wire/serializable.h"

namespace jitrig {
namespace wire_detail {

template <class... T>
[[gnu::always_inline]] inline DataPointWriter sendEach(DataPointWriter writer, const T&... args) {
  ((writer = RawTypeConvert<T>::onSend(writer, args)), ...);
  return writer;
}

/// Behind other data points, or where the storage has to grow.
template <class... T>
[[gnu::noinline]] void appendArgs(Message& message, std::size_t size_bound, const T&... args) {
  const DataPointWriter end = sendEach(message.beginDataPoints(sizeof...(T), size_bound), args...);
  message.endDataPoints(sizeof...(T), end);
}

/// Every form of the types, and every error: GetArgsRaw step by step, of a message that was parsed.
template <class... T>
Expected<void> receiveStepByStep(MessageView message, std::tuple<T...>& values) {
  if (message.numDataPoints() != sizeof...(T)) {
    return std::unexpected(
        WireError{WireErrc::arityMismatch, 14, "data point count", message.numDataPoints(), sizeof...(T)});
  }
  return RawTypeConvert<std::tuple<T...>>::receiveSequence(message.dataPoints(), 14, "data point count",
                                                           values, std::index_sequence_for<T...>{});
}

template <class... T>
Expected<void> parseStepByStep(std::span<const std::byte> bytes, const ParseOptions& options,
                               std::tuple<T...>& values) {
  const auto message = MessageView::parse(bytes, options);
  if (!message) return std::unexpected(message.error());
  return receiveStepByStep(*message, values);
}

// The same for results made anew. Out of line and into a reference, so that nothing of it is in the way of
// those who do not need it.
template <class... T>
[[gnu::noinline, gnu::cold]] void receiveStepByStep(MessageView message, Expected<std::tuple<T...>>& values) {
  if (auto received = receiveStepByStep(message, *values); !received) {
    values = std::unexpected(received.error());
  }
}

template <class... T>
[[gnu::noinline, gnu::cold]] void parseStepByStep(std::span<const std::byte> bytes,
                                                  const ParseOptions& options,
                                                  Expected<std::tuple<T...>>& values) {
  if (auto received = parseStepByStep(bytes, options, *values); !received) {
    values = std::unexpected(received.error());
  }
}

/// The data points of a message whose header is right.
template <class... T>
[[gnu::always_inline]] inline bool matchArgs(std::span<const std::byte> bytes, std::size_t max_vector_length,
                                             std::tuple<T...>& values) {
  using Match = RawTypeMatch<std::tuple<T...>>;
  constexpr std::size_t kLeast = MessageView::kHeaderSize + Match::kNestedLeast;
  if (bytes.size() < kLeast) return false;
  CanonicalReader reader(bytes.data(), MessageView::kHeaderSize, bytes.size() - kLeast, max_vector_length);
  return Match::matchNested(reader, values);
}

template <class... T>
[[gnu::always_inline]] inline bool matchMessage(MessageView message, std::tuple<T...>& values) {
  return message.numDataPoints() == sizeof...(T) &&
         matchArgs(message.bytes(), std::numeric_limits<std::size_t>::max(), values);
}

/// Whether the bytes can be a message of so many data points: all that validateMessage asks of a header.
inline bool headerFits(std::span<const std::byte> bytes, const ParseOptions& options,
                       std::size_t num_data_points) {
  if (bytes.size() < MessageView::kHeaderSize) return false;
  std::uint32_t size = 0;
  std::uint16_t type = 0;
  std::uint16_t count = 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  std::memcpy(&type, bytes.data() + 12, sizeof type);
  std::memcpy(&count, bytes.data() + 14, sizeof count);
  return size == bytes.size() && size <= std::min(options.limits.max_message_size_bytes, kNeverForeignSize) &&
         count == num_data_points && !options.bodyless.contains(type);
}

template <class... T>
[[gnu::always_inline]] inline bool matchBytes(std::span<const std::byte> bytes, const ParseOptions& options,
                                              std::tuple<T...>& values) {
  constexpr std::size_t kDepth = RawTypeMatch<std::tuple<T...>>::kDepth - 1;  // the message is no container
  return headerFits(bytes, options, sizeof...(T)) && kDepth <= options.limits.max_nesting &&
         kDepth <= kNestingHardLimit && matchArgs(bytes, options.limits.max_vector_length, values);
}

}  // namespace wire_detail

/// Appends each argument as one data point (SetArgsRaw of the field). Literals: pass a std::string for
/// characters, and mind that 1 is an int32_t and 1L an int64_t. Throws std::length_error as
/// Message::addDataPoint does; then nothing was appended.
template <class... T>
void setArgs(Message& message, const T&... args) {
  static_assert(sizeof...(T) != 0, "A message needs at least one data point: send jitrig::Void.");
  static_assert(sizeof...(T) <= std::numeric_limits<std::uint16_t>::max());
  (requireSerializable<T>(), ...);
  const std::size_t size_bound = (RawTypeConvert<T>::sizeBound(args) + ...);
  if (!message.beginsWithRoomFor(size_bound)) [[unlikely]] {
    wire_detail::appendArgs(message, size_bound, args...);
    return;
  }
  message.endFirstDataPoints(sizeof...(T), wire_detail::sendEach(message.beginFirstDataPoints(), args...));
}

/// Reads a parsed message as exactly these types (GetArgsRaw of the field). Compares the number of data
/// points, the wire types and the sizes, in every build. Views point into the message.
template <class... T>
Expected<std::tuple<T...>> getArgs(MessageView message) {
  static_assert(sizeof...(T) != 0, "A message has at least one data point: read jitrig::Void.");
  (requireSerializable<T>(), ...);
  Expected<std::tuple<T...>> values;
  if (!wire_detail::matchMessage(message, *values)) [[unlikely]]
    wire_detail::receiveStepByStep(message, values);
  return values;
}

/// The same into values that are there already: strings and vectors keep their storage, so that reading many
/// messages allocates nothing. After an error they hold anything.
template <class... T>
Expected<void> getArgs(MessageView message, std::tuple<T...>& values) {
  static_assert(sizeof...(T) != 0, "A message has at least one data point: read jitrig::Void.");
  (requireSerializable<T>(), ...);
  if (wire_detail::matchMessage(message, values)) [[likely]]
    return {};
  return wire_detail::receiveStepByStep(message, values);
}

/// MessageView::parse and getArgs in one: what those accept and refuse, with the same errors. Bytes that are
/// just as a real peer writes these types are validated and read in one pass, which is two to four times as
/// fast.
template <class... T>
Expected<std::tuple<T...>> parseArgs(std::span<const std::byte> bytes, const ParseOptions& options) {
  static_assert(sizeof...(T) != 0, "A message has at least one data point: read jitrig::Void.");
  (requireSerializable<T>(), ...);
  Expected<std::tuple<T...>> values;
  if (!wire_detail::matchBytes(bytes, options, *values)) [[unlikely]] {
    wire_detail::parseStepByStep(bytes, options, values);
  }
  return values;
}

/// The same into values that are there already.
template <class... T>
Expected<void> parseArgs(std::span<const std::byte> bytes, const ParseOptions& options,
                         std::tuple<T...>& values) {
  static_assert(sizeof...(T) != 0, "A message has at least one data point: read jitrig::Void.");
  (requireSerializable<T>(), ...);
  if (wire_detail::matchBytes(bytes, options, values)) [[likely]]
    return {};
  return wire_detail::parseStepByStep(bytes, options, values);
}

}  // namespace jitrig
