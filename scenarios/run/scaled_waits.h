#pragma once

#include "scenarios/file/scenario.h"

namespace jitrig {

/// The scenario as it is played in real time: everything that lets time pass takes Scenario::waits_ppm of
/// what it says, and at least a millisecond. Timeouts are not waits: what they bound takes as long as it
/// takes.
Scenario withScaledWaits(const Scenario& scenario);

}  // namespace jitrig
