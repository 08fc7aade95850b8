#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "scenarios/file/read_scenario.h"
#include "scenarios/file/scenario_parts.h"

namespace jitrig {
namespace {

std::int64_t readMs(const YamlReader& yaml, const YamlNode& node, std::string_view key) {
  const YamlNode* value = node.find(key);
  if (value == nullptr) yaml.fail(node, fmt::format("a checkpoint needs '{}'", key));
  return static_cast<std::int64_t>(yaml.number(*value, key, 0, kLongestTimeMs));
}

std::string readServerName(const YamlReader& yaml, const YamlNode& node, const Scenario& scenario) {
  const std::string& name = yaml.text(node, "server");
  if (std::ranges::find(scenario.servers, name, &ScenarioServer::name) != scenario.servers.end()) return name;
  std::vector<std::string> known;
  for (const ScenarioServer& server : scenario.servers) known.push_back(server.name);
  yaml.fail(node, unknownName("server of this scenario", name, known));
}

}  // namespace

ScenarioCheckpoint readCheckpoint(const ScenarioFileContext& context, const YamlNode& node,
                                  const Scenario& scenario) {
  const YamlReader& yaml = context.yaml;
  yaml.requireMap(node, "a checkpoint", {"at_ms", "restores_ms", "allows_remote", "copies", "tls", "server"});
  ScenarioCheckpoint checkpoint;
  checkpoint.at_ms = readMs(yaml, node, "at_ms");
  checkpoint.restores_ms = readMs(yaml, node, "restores_ms");
  if (checkpoint.restores_ms <= checkpoint.at_ms)
    yaml.fail(*node.find("restores_ms"), "restores_ms: must be later than at_ms");
  if (const YamlNode* allows = node.find("allows_remote"))
    checkpoint.allows_remote = yaml.flag(*allows, "allows_remote");
  if (const YamlNode* copies = node.find("copies"))
    checkpoint.copies = yaml.number(*copies, "copies", 1, kMaxScenarioVMs);
  if (const YamlNode* tls = node.find("tls")) checkpoint.plain = !yaml.flag(*tls, "tls");
  if (const YamlNode* server = node.find("server"))
    checkpoint.server = readServerName(yaml, *server, scenario);
  return checkpoint;
}

}  // namespace jitrig
