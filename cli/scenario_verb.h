#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/exit_status.h"
#include "cli/verbs.h"
#include "scenarios/file/find_scenarios.h"
#include "scenarios/file/scenario.h"

namespace jitrig {

/// The options of all verbs below `jitrig scenario`; each uses its own.
struct ScenarioOptions {
  std::vector<std::string> wanted;  ///< list: patterns; run, explain: files, folders or names
  std::string protocol;             ///< run; "": as the scenario says
  std::string backend;              ///< run; "": sockets
  std::string runtime;              ///< run; "": those that the scenario is made for
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> seeds;
  std::string server_command;
  std::string client_command;
  std::string capture;
  std::string budget;        ///< run: messages are compared with it
  std::string write_budget;  ///< run: they are written there
  std::string junit;
  bool checkers_only = false;  ///< run: what the file expects is not judged
  bool json = false;
  bool log = false;  ///< run: what the personas would print
};

// Each prints to the standard output, and throws CommandError for wrong usage and unreadable files.

ExitStatus listScenarios(const ScenarioOptions& options);
ExitStatus runScenarios(const ScenarioOptions& options);
ExitStatus explainScenarios(const ScenarioOptions& options);
ExitStatus listFaults(const ScenarioOptions& options);
ExitStatus listMisbehaviours(const ScenarioOptions& options);

/// Adds `sweep` to the verbs below `scenario`, with a verb for each sweep.
void addScenarioSweep(CLI::App& scenario, VerbAction& action);

/// The scenarios that come with jitrig: below $JITRIG_SCENARIOS, in the installation, or in the source tree.
/// Throws CommandError if there is no such folder.
std::vector<ScenarioFile> ownScenarios();

/// Reads one; `dialect`: what speaks where it does not say. Throws CommandError (unreadableInput).
Scenario loadScenario(const ScenarioFile& file, std::shared_ptr<const Dialect> dialect = nullptr);

/// Those that somebody means, each once. Throws CommandError (wrongUsage) for names that are none.
std::vector<ScenarioFile> wantedScenarios(const std::vector<std::string>& wanted);

}  // namespace jitrig
