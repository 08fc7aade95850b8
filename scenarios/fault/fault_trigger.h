#pragma once

#include <expected>
#include <string>

#include "scenarios/fault/fault.h"
#include "scenarios/fault/fault_action.h"

namespace jitrig {

/// What is wrong with a trigger: a number that counts from 1 and is 0, a time that never comes, something
/// that cannot be known where the action works.
std::expected<void, std::string> checkTrigger(const FaultTrigger& trigger, const FaultAction& action);

/// Whether a time alone sets it off: nothing in it has to do with messages or connections.
bool isTimed(const FaultTrigger& trigger);

}  // namespace jitrig
