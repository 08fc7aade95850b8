// Where scenarios lie, for the verbs of jitrig scenario.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "cli/scenario_verb.h"
#include "scenarios/file/read_scenario.h"

namespace jitrig {
namespace {

std::string ownFolder() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe) Nobody changes the environment.
  if (const char* folder = std::getenv("JITRIG_SCENARIOS"); folder != nullptr && *folder != '\0') {
    return folder;
  }
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    const auto installed = program.parent_path().parent_path() / "share/jitrig/scenarios";
    if (std::filesystem::is_directory(installed, error)) return installed.string();
  }
  return JITRIG_SCENARIO_FOLDER;  // of the source tree
}

}  // namespace

std::vector<ScenarioFile> ownScenarios() {
  auto files = scenariosBelow(ownFolder());
  if (!files) throw CommandError(ExitStatus::unreadableInput, files.error());
  return std::move(*files);
}

Scenario loadScenario(const ScenarioFile& file, std::shared_ptr<const Dialect> dialect) {
  auto scenario = readScenarioFile(file.path, file.name, std::move(dialect));
  if (!scenario) throw CommandError(ExitStatus::unreadableInput, scenario.error());
  return std::move(*scenario);
}

std::vector<ScenarioFile> wantedScenarios(const std::vector<std::string>& wanted) {
  std::error_code error;
  const bool all_paths = std::ranges::all_of(
      wanted, [&](const std::string& path) { return std::filesystem::exists(path, error); });
  // Files by their path are found without our own ones, too.
  const auto known =
      all_paths ? scenariosBelow(ownFolder()).value_or(std::vector<ScenarioFile>{}) : ownScenarios();
  std::vector<ScenarioFile> files;
  for (const std::string& name : wanted) {
    const auto found = findScenarios(name, known);
    if (!found) throw CommandError(ExitStatus::wrongUsage, found.error());
    for (const ScenarioFile& file : *found) {
      if (std::ranges::find(files, file.path, &ScenarioFile::path) == files.end()) files.push_back(file);
    }
  }
  return files;
}

}  // namespace jitrig
