#pragma once

#include "scenarios/file/scenario.h"
#include "scenarios/simulate/generator_streams.h"
#include "scenarios/simulate/profile.h"

namespace jitrig {

/// Servers, their scripts, and the VMs that use them: releases, threads, ports, times. So many compilations
/// that a run in which nothing breaks has somewhat more than 1,000 messages.
void drawParticipants(GeneratorStreams& streams, const Profile& profile, Scenario& scenario);

/// Latency, bandwidth, segmentation: from a machine's own loopback to the other side of the world.
ScenarioNetwork drawNetwork(RandomStream& random);

}  // namespace jitrig
