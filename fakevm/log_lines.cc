#include "fakevm/log_lines.h"

#include <fmt/format.h>

namespace jitrig {

std::string logLine(const CompilationReport& report) {
  constexpr std::string_view kLevel = "no-opt";
  if (report.stream_loss)
    return fmt::format("#FAILURE: JITServer::StreamFailure: {} for {} @ {}", report.detail, report.method,
                       kLevel);
  if (report.status)
    return fmt::format(
        "#FAILURE: JITServer::ServerCompilationFailure: compilationFailure statusCode {} for {} @ {}",
        *report.status, report.method, kLevel);
  return "";
}

}  // namespace jitrig
