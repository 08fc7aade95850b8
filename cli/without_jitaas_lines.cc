#include "cli/exit_status.h"
#include "cli/jitaas_lines.h"

// In the place of jitaas_lines.cc where the older generation is left out.
namespace jitrig {
namespace {

[[noreturn]] void refuse() {
  throw CommandError(ExitStatus::wrongUsage,
                     "--format: this jitrig was built without jitaas (JITRIG_JITAAS=OFF)");
}

}  // namespace

LineConversion decodingOfJitaas(const std::optional<std::string>& /*release*/, bool /*json*/) {
  refuse();
}

LineConversion encodingOfJitaas(const std::optional<std::string>& /*release*/, bool /*json*/) {
  refuse();
}

}  // namespace jitrig
