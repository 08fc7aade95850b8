#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

namespace jitrig {

/// What is wrong with the bytes of a message of the older generation.
struct ProtobufError {
  std::size_t offset = 0;  ///< from the start of the frame, its size field included
  std::string field;       ///< "size", "message", or a path: "data[2].vector_v[0]"
  std::string message;
};

/// "offset 17: data[2].vector_v[0]: a length of 90 bytes, but only 8 are left".
std::string toString(const ProtobufError& error);

/// What the bytes hold, or what is wrong with them.
template <class T>
using ProtobufResult = std::expected<T, ProtobufError>;

/// How much of a peer's announcements is believed. Each limit has a test and is named in its error.
struct ProtobufLimits {
  std::size_t max_message_size_bytes = std::size_t{64} << 20U;
  /// Vectors and tuples inside each other. Protobuf itself reads no more than 100 messages inside each other,
  /// and that are these: a message, its data, a value, and two more for each container.
  std::size_t max_nesting = 49;
  /// Values of a message, nested ones included: a value of two bytes on the wire takes fifty in memory.
  std::size_t max_values = std::size_t{1} << 20U;
};

}  // namespace jitrig
