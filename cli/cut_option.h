#pragma once

#include <optional>
#include <string>

#include "scenarios/fault/cut_point.h"

namespace jitrig {

/// --cut: empty is none. Throws CommandError (wrongUsage).
std::optional<CutPoint> readCutOption(const std::string& text);

}  // namespace jitrig
