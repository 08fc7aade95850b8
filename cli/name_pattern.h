#pragma once

#include <string_view>

namespace jitrig {

/// Whether a name fits what was asked for, upper and lower case (ASCII) being the same. A pattern with * (any
/// letters) or ? (one letter) must fit the whole name; any other must be part of it. Takes at most the
/// product of both lengths.
bool matchesPattern(std::string_view pattern, std::string_view name);

}  // namespace jitrig
