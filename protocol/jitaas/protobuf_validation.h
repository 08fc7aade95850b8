#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/jitaas/protobuf_error.h"

namespace jitrig {

/// The size field before each message: how many bytes follow it.
inline constexpr std::size_t kJitaasFrameHeaderSize = 4;

/// What the size field says, of the bytes that begin with it: at least kJitaasFrameHeaderSize of them.
ProtobufResult<std::size_t> announcedFrameSize(std::span<const std::byte> bytes,
                                               const ProtobufLimits& limits);

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
