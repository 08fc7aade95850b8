#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scenarios/file/scenario.h"

namespace jitrig {

/// "3", "at least 2", "at most 4", "2 to 4", "any", and back.
std::string toString(const ExpectedCount& count);
std::optional<ExpectedCount> parseExpectedCount(std::string_view text);

/// What may stand before the dot of a count, or no dot: "compiled", "vm.compiled", "server.failed".
std::vector<std::string> countNamesOf(const Scenario& scenario);

}  // namespace jitrig
