// jitrig scenario explain
#include "cli/scenario_verb.h"
#include "cli/standard_output.h"
#include "scenarios/file/explain_scenario.h"

namespace jitrig {

ExitStatus explainScenarios(const ScenarioOptions& options) {
  StandardOutput output;
  bool first = true;
  for (const ScenarioFile& file : wantedScenarios(options.wanted)) {
    if (!first) output.text() += "\n";
    first = false;
    output.text() += explainScenario(loadScenario(file));
  }
  output.flush();
  return ExitStatus::fine;
}

}  // namespace jitrig
