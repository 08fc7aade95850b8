#include "cli/standard_error.h"

#include <cstdio>
#include <string>

namespace jitrig {

void printError(std::string_view line) {
  std::string text(line);
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace jitrig
