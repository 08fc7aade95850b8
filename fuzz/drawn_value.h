#pragma once

#include <cstddef>
#include <vector>

#include "fuzz/fuzz_input.h"
#include "protocol/wire/value.h"

namespace jitrig::fuzz {

/// Any Value that a message can hold, canonical or not, nested up to `depth`; a few bytes of input each.
Value drawValue(FuzzInput& input, std::size_t depth);

/// Up to `max_count`, at most 255.
std::vector<Value> drawValues(FuzzInput& input, std::size_t depth, std::size_t max_count);

}  // namespace jitrig::fuzz
