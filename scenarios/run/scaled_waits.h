#pragma once

#include <optional>
#include <string>

#include "scenarios/file/scenario.h"

namespace jitrig {

/// The scenario as it is played in real time: everything that lets time pass takes Scenario::waits_ppm of
/// what it says, and at least a millisecond. Timeouts are not waits: what they bound takes as long as it
/// takes.
Scenario withScaledWaits(const Scenario& scenario);

/// A delay of a fault that is longer than a timeout, and no longer is when waits are scaled: the scenario
/// would be another one. In a sentence; nullopt: there is none.
std::optional<std::string> timeoutThatScalingLoses(const Scenario& scenario);

}  // namespace jitrig
