#pragma once

#include <cstddef>
#include <span>

#include "protocol/jitaas/protobuf_error.h"

namespace jitrig {

/// The size field before each message: how many bytes follow it.
inline constexpr std::size_t kJitaasFrameHeaderSize = 4;

/// What the size field says, of the bytes that begin with it: at least kJitaasFrameHeaderSize of them.
ProtobufResult<std::size_t> announcedFrameSize(std::span<const std::byte> bytes,
                                               const ProtobufLimits& limits);

/// Whether the bytes are one whole frame whose message can be read, within the limits, before protobuf is
/// given them: its own parser says neither where something is wrong nor how much memory it will take.
///
/// As protobuf does, passes over fields that are not known, and takes the last of several where one is
/// meant. Stricter in two things: a value must have a content, and groups (proto2) are refused.
ProtobufResult<void> validateJitaasFrame(std::span<const std::byte> frame, const ProtobufLimits& limits);

}  // namespace jitrig
