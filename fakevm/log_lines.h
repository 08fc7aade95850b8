#pragma once

#include <string>

#include "fakevm/remote_compilation.h"

namespace jitrig {

/// What a real client writes into its verbose log when a compilation ends so, for those who search logs for
/// it: of a stream that failed, and of a compilationFailure; "" otherwise. The methods of a VM without a JVM
/// have no plan, so their level is "no-opt".
std::string logLine(const CompilationReport& report);

}  // namespace jitrig
