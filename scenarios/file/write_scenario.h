#pragma once

#include <string>

#include "scenarios/file/scenario.h"

namespace jitrig {

/// A scenario as the text of a file, which readScenario() reads back as the same scenario. What has its
/// default is left out.
std::string writeScenario(const Scenario& scenario);

}  // namespace jitrig
