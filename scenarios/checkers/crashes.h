#pragma once

#include <algorithm>

#include "scenarios/record/run_record.h"

namespace jitrig {

/// Its script has a compilation crash: from then on it refuses all requests, and closes connections that
/// nobody uses.
inline bool mayCrash(const ServerRecord& server) {
  return std::ranges::any_of(
      server.script, [](const ScriptOutline& outline) { return outline.end == ScriptEnd::Kind::crash; });
}

}  // namespace jitrig
