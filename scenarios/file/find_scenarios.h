#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

namespace jitrig {

/// A scenario file, not yet read.
struct ScenarioFile {
  std::string name;  ///< "fault/reset_mid_query": the path below its folder of scenarios, without ending
  std::string path;
};

/// All *.yaml below a folder, by name. The error says what cannot be read.
std::expected<std::vector<ScenarioFile>, std::string> scenariosBelow(const std::string& folder);

/// What somebody means who says `wanted`: a path of a file, all files below a folder, or a name
/// ("fault/reset_mid_query", or its last part where only one has it) among those `known`. A file that is not
/// known goes by its path, so that its name finds it again. The error names the nearest.
std::expected<std::vector<ScenarioFile>, std::string> findScenarios(const std::string& wanted,
                                                                    std::span<const ScenarioFile> known);

}  // namespace jitrig
