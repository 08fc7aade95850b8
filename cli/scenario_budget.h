#pragma once

#include "cli/scenario_verb.h"
#include "scenarios/run/run_scenario.h"

namespace jitrig {

/// Runs it, and compares its messages with ScenarioOptions::budget: what is too much, or of another shape, is
/// a finding of "budget". Or writes them to ScenarioOptions::write_budget. Throws CommandError
/// (unreadableInput) for files that cannot be read or written.
ScenarioResult runWithBudget(const Scenario& scenario, RunChoice choice, const ScenarioOptions& options);

}  // namespace jitrig
