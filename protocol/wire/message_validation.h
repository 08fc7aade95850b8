#pragma once

#include <cstddef>
#include <span>

#include "protocol/wire/message_view.h"
#include "protocol/wire/wire_error.h"
#include "protocol/wire/wire_limits.h"

namespace jitrig {

/// The first four bytes of the protocols that we recognise are larger numbers than this, or no multiples
/// of 4.
inline constexpr std::size_t kNeverForeignSize = 0x09ff'fffc;

/// What a message's first four bytes announce, or why they are not those of a message: too small, beyond the
/// limit, byte-swapped, another protocol. `first_bytes` has at least 4.
Expected<std::size_t> announcedSize(std::span<const std::byte> first_bytes, const WireLimits& limits);

/// True if the message is valid and nothing about it is unusual: most are, and this is several times as fast
/// as validateMessage. False means that validateMessage has to decide.
bool isPlainMessage(std::span<const std::byte> message, const ParseOptions& options);

/// Validates a whole message, its size field included (architecture decision 3).
Expected<void> validateMessage(std::span<const std::byte> message, const ParseOptions& options);

}  // namespace jitrig
