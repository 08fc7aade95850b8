#include "cli/cut_option.h"

#include "cli/exit_status.h"

namespace jitrig {

std::optional<CutPoint> readCutOption(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto point = parseCutPoint(text);
  if (!point) throw CommandError(ExitStatus::wrongUsage, "--cut: " + point.error());
  return *point;
}

}  // namespace jitrig
