#pragma once

#include <cstddef>

#include "protocol/wire/value.h"
#include "protocol/wire/wire_testing.h"

// For the tests of this room only.
namespace jitrig::testing {

/// Any Value that a message can hold, nested up to `depth`, canonical or not.
Value randomValue(SplitMix& random, std::size_t depth);

std::vector<Value> randomValues(SplitMix& random, std::size_t depth, std::size_t max_count);

}  // namespace jitrig::testing
