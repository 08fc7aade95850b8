#pragma once

#include <functional>

#include "cli/exit_status.h"

namespace CLI {
class App;
}

namespace jitrig {

/// What a verb does once its options have been read.
using VerbAction = std::function<ExitStatus()>;

// Each adds its verb, options and help to the command line. If the verb is the one that was given, `action`
// is set to what it does. One file per verb; main.cc lists them.

void addDecode(CLI::App& jitrig, VerbAction& action);
void addEncode(CLI::App& jitrig, VerbAction& action);
void addShow(CLI::App& jitrig, VerbAction& action);
void addFakeCompiler(CLI::App& jitrig, VerbAction& action);
void addFakeVM(CLI::App& jitrig, VerbAction& action);
void addReplay(CLI::App& jitrig, VerbAction& action);
void addScenario(CLI::App& jitrig, VerbAction& action);
void addCatalogue(CLI::App& jitrig, VerbAction& action);
void addSimulate(CLI::App& jitrig, VerbAction& action);

}  // namespace jitrig
