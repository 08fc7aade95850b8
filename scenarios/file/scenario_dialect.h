#pragma once

#include <optional>
#include <string_view>

#include "protocol/catalogue/release.h"
#include "protocol/catalogue/version_word.h"

namespace jitrig {

/// As files and options spell it: "x86", "ppcle", "ppcbe", "z", "arm", "arm64", "none".
std::optional<Architecture> parseArchitectureName(std::string_view name);

/// What a persona of that release and build announces unless it is told otherwise: JDK 17, or 11 for the j9
/// build.
FullVersion usualVersion(const Release& release, Build build);

}  // namespace jitrig
