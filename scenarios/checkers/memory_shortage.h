#pragma once

#include <algorithm>
#include <chrono>

#include "scenarios/record/run_record.h"

namespace jitrig {

/// The server found no memory for this compilation, and the scenario says that there was none then.
inline bool foundNoMemory(const ServerRecord& server, const ServerCompilationReport& report) {
  if (!report.states || !report.detail.contains("bad_alloc") || !server.began) return false;
  const Duration since_start(report.states->when.ns - server.began->time_ns);
  return std::ranges::any_of(server.memory.spans, [&](const MemoryStateSpan& span) {
    return span.fails && since_start >= std::chrono::milliseconds(span.from_ms) &&
           since_start < std::chrono::milliseconds(span.to_ms);
  });
}

}  // namespace jitrig
