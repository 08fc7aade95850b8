#pragma once

#include "scenarios/file/scenario.h"
#include "scenarios/simulate/generator_streams.h"
#include "scenarios/simulate/profile.h"

namespace jitrig {

/// What becomes of drawn servers and VMs over their lives: one try or as the real client, classes that come
/// and go, UIDs that are shared, memory, AOT caches and who uses them, checkpoints and who is restored.
void drawLives(GeneratorStreams& streams, const Profile& profile, Scenario& scenario);

}  // namespace jitrig
