#pragma once

#include "scenarios/file/scenario.h"
#include "scenarios/simulate/generator_streams.h"

namespace jitrig {

/// Makes some of the personas misbehave, each in its own ways: at one compilation as a rule, at times at
/// each.
void drawMisbehaviours(RandomStream& random, Scenario& scenario);

}  // namespace jitrig
