#pragma once

#include "scenarios/run/participants.h"
#include "scenarios/run/run_context.h"

namespace jitrig {

/// The main task of a run, from the first server to the last goodbye.
void playScenario(RunContext& context, const Frontends& frontends);

}  // namespace jitrig
