#pragma once

#include "fakecompiler/server_memory.h"
#include "fakecompiler/yaml_text.h"

namespace jitrig {

/// The key `memory` of a server, as readServerMemory() reads it; nothing if all is as usual. Amounts are
/// written in MiB, rounded down.
void writeServerMemory(YamlWriter& yaml, const ServerMemoryOptions& memory);

}  // namespace jitrig
