#pragma once

#include <string>

#include "scenarios/file/scenario.h"

namespace jitrig {

/// A scenario in words, for people: who takes part, what goes wrong and when, what must hold. Lines.
std::string explainScenario(const Scenario& scenario);

/// "when the client sends the 3rd message of its connection: after 9 of the 16 bytes of its header, once".
std::string explainTrigger(const FaultTrigger& trigger, const Dialect& dialect);

}  // namespace jitrig
