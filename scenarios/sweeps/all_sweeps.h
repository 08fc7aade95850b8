#pragma once

#include "scenarios/sweeps/sweep.h"

namespace jitrig {

// Each is one file of its own.
extern const Sweep kBreakSweep;
extern const Sweep kFirstMessageSweep;
extern const Sweep kGoodbyeSweep;
extern const Sweep kInterruptionSweep;
extern const Sweep kSegmentationSweep;
extern const Sweep kWrongPeerSweep;

}  // namespace jitrig
