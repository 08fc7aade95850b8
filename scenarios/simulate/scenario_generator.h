#pragma once

#include <cstdint>

#include "scenarios/file/scenario.h"
#include "scenarios/simulate/profile.h"

namespace jitrig {

/// The scenario of a seed: a world, its workload, and what goes wrong in it, first with faults, then healed.
/// The same for the same seed and profile on every machine. Draws only from streams of that seed, one per
/// purpose (generator_streams.h). A complete run has some 1,000 messages.
Scenario drawScenario(std::uint64_t seed, const Profile& profile);

}  // namespace jitrig
