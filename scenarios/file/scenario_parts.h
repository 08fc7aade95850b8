#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "fakecompiler/yaml_reader.h"
#include "scenarios/file/scenario.h"

// The parts of readScenario(), one file each. All throw YamlError.

namespace jitrig {

/// What any time in a scenario may be at most: a day.
inline constexpr std::uint64_t kLongestTimeMs = 86'400'000;

/// What the parts need beside their node.
struct ScenarioFileContext {
  const YamlReader& yaml;
  std::string folder;  ///< where relative paths begin
  bool may_name_files = true;
  std::shared_ptr<const Dialect> dialect;  ///< of servers that do not say theirs
};

/// Who takes part: release, build and announced configuration of a persona. What the node does not say is as
/// in `usual`.
std::shared_ptr<const Dialect> readDialect(const ScenarioFileContext& context, const YamlNode& persona,
                                           const std::shared_ptr<const Dialect>& usual);

ScenarioServer readServer(const ScenarioFileContext& context, const YamlNode& node, std::size_t index);
ScenarioVM readVM(const ScenarioFileContext& context, const YamlNode& node, std::size_t index,
                  const Scenario& scenario);

/// The key `memory` of a server.
ServerMemoryOptions readServerMemory(const ScenarioFileContext& context, const YamlNode& node);

/// Keys of a server, and of a VM, that are mappings of their own.
void readAOTCache(const ScenarioFileContext& context, const YamlNode& node, ScenarioServer& server);
AOTUse readAOTUse(const ScenarioFileContext& context, const YamlNode& node);

/// What stands behind `checkpoint` of a VM; its server may be one of the scenario's, which have been read.
ScenarioCheckpoint readCheckpoint(const ScenarioFileContext& context, const YamlNode& node,
                                  const Scenario& scenario);

/// Message types are those of `dialect`.
FaultSpec readFault(const ScenarioFileContext& context, const YamlNode& node, const Dialect& dialect);

ScenarioNetwork readNetwork(const ScenarioFileContext& context, const YamlNode& node);

/// Counts may be those of the scenario's servers and VMs, which have been read.
ScenarioExpectations readExpectations(const ScenarioFileContext& context, const YamlNode& node,
                                      const Scenario& scenario);

/// The list of misbehaviours of a server or a VM.
std::vector<MisbehaviourSpec> readMisbehaviours(const ScenarioFileContext& context, const YamlNode& node,
                                                bool of_server);

/// "0.25", "1": 0 to 1 with up to six decimals, without floating point.
std::uint32_t readPartsPerMillion(const YamlReader& yaml, const YamlNode& node, std::string_view what);

/// "'stal' is no action; the nearest: stall" for whatever kind of thing has a name.
std::string unknownName(std::string_view kind, std::string_view given, std::span<const std::string> known);

}  // namespace jitrig
