#pragma once

#include "fakecompiler/script.h"
#include "fakecompiler/yaml_text.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// Writes the key "compilations" of a script file, which parseScript() reads back as the same script. What
/// only recordings have (requests, recorded replies, AOT cache maps) is left out, and where they stop stands
/// a failure. Throws std::invalid_argument for a message that the release does not have.
void writeScript(YamlWriter& yaml, const Script& script, const Dialect& dialect);

}  // namespace jitrig
