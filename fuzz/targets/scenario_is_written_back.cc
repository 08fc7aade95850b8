// Any text is refused with file and line, or is a scenario that can be explained and written, and is read
// back as what was written. No other file is read.

#include "fuzz/fuzz_target.h"
#include "fuzz/text_input.h"
#include "scenarios/file/explain_scenario.h"
#include "scenarios/file/read_scenario.h"
#include "scenarios/file/write_scenario.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("scenario_is_written_back", [](InputBytes bytes) {
  const ScenarioReading reading{.name = "fuzz", .folder = "", .may_name_files = false};
  const auto scenario = readScenario(textOf(bytes), "fuzz.yaml", reading);
  if (!scenario)
    return require(scenario.error().starts_with("fuzz.yaml:"), "an error begins with file and line");
  require(!explainScenario(*scenario).empty(), "a scenario can be explained");
  const std::string written = writeScenario(*scenario);
  const auto again = readScenario(written, "fuzz.yaml", reading);
  if (!again) failed("what was written is a scenario: " + again.error() + "\n" + written);
  requireSameText(writeScenario(*again), written);
});

}  // namespace
}  // namespace jitrig::fuzz
