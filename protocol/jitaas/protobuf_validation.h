#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <span>

#include "protocol/jitaas/protobuf_error.h"

namespace jitrig {

/// The size field before each message: how many bytes follow it.
inline constexpr std::size_t kJitaasFrameHeaderSize = 4;

/// For a size beyond max_message_size_bytes.
ProtobufError frameTooLarge(std::size_t size, const ProtobufLimits& limits);

/// What the size field says, of the bytes that begin with it: at least kJitaasFrameHeaderSize of them. Here,
/// since every message passes it several times.
inline ProtobufResult<std::size_t> announcedFrameSize(std::span<const std::byte> bytes,
                                                      const ProtobufLimits& limits) {
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  if (size > limits.max_message_size_bytes) [[unlikely]]
    return std::unexpected(frameTooLarge(size, limits));
  return size;
}

/// What a valid frame says.
struct JitaasFrameContent {
  std::int32_t type = 0;
  std::uint64_t version = 0;
  std::span<const std::byte> values;  ///< the bytes of its data
  /// Whether that is all of it, and protobuf reads it. Otherwise it has its data in pieces or none, fields
  /// that are not known, numbers longer or containers deeper than protobuf may read.
  bool is_plain = true;
};

/// Whether the bytes are one whole frame whose message can be read, within the limits, before protobuf is
/// given them: its own parser says neither where something is wrong nor how much memory it will take.
///
/// As protobuf does, passes over fields that are not known, and takes the last of several where one is
/// meant. Stricter in two things: a value must have a content, and groups (proto2) are refused.
ProtobufResult<JitaasFrameContent> validateJitaasFrame(std::span<const std::byte> frame,
                                                       const ProtobufLimits& limits);

}  // namespace jitrig
