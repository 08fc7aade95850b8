#pragma once

#include <optional>

#include "fuzz/fuzz_input.h"
#include "protocol/stream/dialect.h"
#include "scenarios/fault/fault_trigger.h"

namespace jitrig::fuzz {

/// A fault that can be: any action of the catalogue, its arguments and when it happens, out of a few bytes.
/// None after `healed_ms`. nullopt: the bytes say what cannot be.
std::optional<FaultSpec> drawFault(FuzzInput& input, const Dialect& dialect, std::int64_t healed_ms);

}  // namespace jitrig::fuzz
