#pragma once

#include <cstddef>
#include <span>

#include "protocol/wire/message.h"

namespace jitrig {

/// What a message's first four bytes announce, or why they are not those of a message: too small, beyond the
/// limit, byte-swapped, another protocol. `first_bytes` has at least 4.
Expected<std::size_t> announcedSize(std::span<const std::byte> first_bytes, const WireLimits& limits);

/// Validates a whole message, its size field included (architecture decision 3).
Expected<void> validateMessage(std::span<const std::byte> message, const ParseOptions& options);

}  // namespace jitrig
