#pragma once

#include <cstdint>
#include <vector>

#include "fuzz/fuzz_target.h"

namespace jitrig::fuzz {

/// The input with a few bytes changed, dropped or doubled; at times an edit of a message in it
/// (message_edits.h), where one stands at its beginning. The same number makes the same change. For drivers
/// that cannot see what inputs reach.
std::vector<std::byte> changedInput(InputBytes bytes, std::uint64_t number);

}  // namespace jitrig::fuzz
