#pragma once

#include <string>

#include "scenarios/file/scenario.h"

namespace jitrig {

/// What a seed stands for, for people: the network, one line per server, VM, fault and misbehaviour. All of
/// it, scripts query by query, is what writeScenario() has.
std::string describeScenario(const Scenario& scenario);

}  // namespace jitrig
