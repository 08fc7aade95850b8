#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "scenarios/file/scenario.h"

namespace jitrig {

/// Limits of a scenario file; those of scripts in it: fakecompiler/script_yaml.h.
inline constexpr std::size_t kMaxScenarioFileBytes = std::size_t{4} << 20U;
inline constexpr std::size_t kMaxScenarioEntries = 1'000;             ///< of a list: VMs, servers, faults, …
inline constexpr std::uint64_t kMaxScenarioVMs = 10'000;              ///< in all
inline constexpr std::uint64_t kMaxScenarioCompilations = 1'000'000;  ///< of one VM

/// What a scenario's text alone does not say.
struct ScenarioReading {
  std::string name;    ///< Scenario::name; "": that of `file`, without folders and ending
  std::string folder;  ///< where relative paths of scripts and captures begin; "": the working directory
  bool may_name_files = true;  ///< scripts and captures; false: such a scenario is refused, no file is read
  /// Who speaks where the scenario does not say; nullptr: defaultDialect().
  std::shared_ptr<const Dialect> dialect = nullptr;
};

/// Reads a scenario. The format, with examples: README.md of this folder.
///
/// `file` names the text in errors, which read "reset.yaml:7: unknown key 'tiems'; known here: …".
std::expected<Scenario, std::string> readScenario(std::string_view text, const std::string& file,
                                                  const ScenarioReading& reading = {});

/// The same for a file; relative paths in it begin in its folder. Errors begin with `path`.
std::expected<Scenario, std::string> readScenarioFile(const std::string& path, const std::string& name = "",
                                                      std::shared_ptr<const Dialect> dialect = nullptr);

}  // namespace jitrig
