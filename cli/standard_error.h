#pragma once

#include <string_view>

namespace jitrig {

/// One line on the standard error, in one write; a newline is added. Nobody may be listening: that is no
/// error.
void printError(std::string_view line);

}  // namespace jitrig
