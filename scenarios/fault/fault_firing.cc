#include "scenarios/fault/fault_firing.h"

#include <fmt/format.h>

namespace jitrig {

std::string toString(const FaultFiring& firing) {
  constexpr double kNsPerMs = 1e6;
  const double time_ms = static_cast<double>(firing.time.ns) / kNsPerMs;
  if (firing.connection == 0) return fmt::format("{} at {:.3f} ms", firing.action, time_ms);
  std::string text =
      fmt::format("{} on connection {} of the {}", firing.action, firing.connection, toString(firing.local));
  if (firing.message != 0) {
    text += fmt::format(", {} message {} (type {})", arrowText(firing.sender), firing.message, firing.type);
  }
  if (firing.compilation != 0) text += fmt::format(", compilation {}", firing.compilation);
  return text + fmt::format(", at {:.3f} ms", time_ms);
}

}  // namespace jitrig
