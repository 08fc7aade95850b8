#include "scenarios/file/write_server_memory.h"

#include <cstdint>
#include <fmt/format.h>
#include <string_view>

namespace jitrig {
namespace {

std::string mebibytes(std::uint64_t bytes) {
  return fmt::to_string(bytes >> 20U);
}

void writeStep(YamlWriter& yaml, const FreeMemoryStep& step) {
  yaml.openItem();
  yaml.entry("at_ms", fmt::to_string(step.at_ms));
  yaml.entry("mib", mebibytes(step.free_bytes));
  yaml.close();
}

void writeSpan(YamlWriter& yaml, const MemoryStateSpan& span) {
  yaml.openItem();
  yaml.entry("state", toString(span.state));
  yaml.entry("from_ms", fmt::to_string(span.from_ms));
  yaml.entry("to_ms", fmt::to_string(span.to_ms));
  if (span.fails) yaml.entry("fails", "true");
  yaml.close();
}

}  // namespace

void writeServerMemory(YamlWriter& yaml, const ServerMemoryOptions& memory) {
  const ServerMemoryOptions usual;
  if (memory == usual) return;
  yaml.open("memory");
  yaml.entry("free_mib", mebibytes(memory.free_at_start_bytes));
  yaml.entry("scratch_space_mib", mebibytes(memory.scratch_space_bytes));
  yaml.entry("session_mib", mebibytes(memory.session_bytes));
  yaml.entry("compilation_mib", mebibytes(memory.compilation_bytes));
  if (!memory.steps.empty()) {
    yaml.open("free");
    for (const FreeMemoryStep& step : memory.steps) writeStep(yaml, step);
    yaml.close();
  }
  if (!memory.spans.empty()) {
    yaml.open("states");
    for (const MemoryStateSpan& span : memory.spans) writeSpan(yaml, span);
    yaml.close();
  }
  yaml.close();
}

}  // namespace jitrig
