#pragma once

#include <cstdint>
#include <string>

#include "scenarios/run/run_context.h"
#include "scenarios/system/external_program.h"

namespace jitrig {

/// When a program ended, which decides about what may be thought of it.
enum class EndedWhen : std::uint8_t {
  byItself,     ///< a client that has done its work; no server does so
  afterSIGTERM  ///< told to
};

/// Puts down what is to be thought of the end of an external program: status 0 is fine, after SIGTERM also
/// SIGTERM itself (as a signal, or as status 143), 89 means that the run is skipped. Status 1 is "found
/// something" with programs like ours: fine where the scenario does something to them. Anything else is a
/// finding, with what the program wrote.
void judgeEnd(RunContext& context, const std::string& name, ExternalProgram& program, const ProgramEnd& end,
              EndedWhen when);

}  // namespace jitrig
