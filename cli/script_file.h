#pragma once

#include <string>

#include "fakecompiler/script.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// --script: a script written by hand (YAML), or a capture whose server side is played; told apart by how the
/// file begins. Throws CommandError (unreadableInput) with file and line.
Script loadScript(const std::string& path, const Dialect& dialect);

}  // namespace jitrig
