#pragma once

#include "scenarios/file/scenario.h"
#include "scenarios/simulate/generator_streams.h"
#include "scenarios/simulate/profile.h"

namespace jitrig {

/// Faults for a scenario whose participants and runtime are drawn. Each action that the profile has is left
/// out altogether with a chance of one half; the others get weights that differ wildly, so that some worlds
/// see one kind of fault again and again, and others many. None fires after the world's healing, which is
/// drawn, too.
void drawFaults(RandomStream& random, const Profile& profile, Scenario& scenario);

}  // namespace jitrig
