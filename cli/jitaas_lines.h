#pragma once

#include <optional>
#include <string>

#include "cli/line_conversion.h"

namespace jitrig {

/// What decode and encode do to a line with --format jitaas. Without a release the one of the goldens counts.
/// Throw CommandError (wrongUsage) for a release that is none, or where jitrig was built without
/// JITRIG_JITAAS (without_jitaas_lines.cc).
LineConversion decodingOfJitaas(const std::optional<std::string>& release, bool json);
LineConversion encodingOfJitaas(const std::optional<std::string>& release, bool json);

}  // namespace jitrig
