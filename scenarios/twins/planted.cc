#include "scenarios/twins/planted.h"

#include <cstdlib>
#include <string_view>

namespace jitrig {

bool planted(const char* twin) {
  // Once, before there are threads that could change the environment.
  static const std::string_view kChosen = [] {
    const char* name = std::getenv("JITRIG_PLANT");  // NOLINT(concurrency-mt-unsafe)
    return std::string_view(name == nullptr ? "" : name);
  }();
  return kChosen == twin;
}

}  // namespace jitrig
