#include "scenarios/file/read_scenario.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <set>

#include "fakecompiler/script_file.h"
#include "scenarios/file/older_generation.h"
#include "scenarios/file/scenario_parts.h"

namespace jitrig {
namespace {

constexpr std::uint64_t kMaxSeeds = 100'000;
constexpr std::size_t kMaxRuntimes = 6;  // each once

/// Reads the top level of a scenario and hands its parts to their readers.
class ScenarioReader {
 public:
  ScenarioReader(ScenarioFileContext& context, std::string name)
      : context_(context), yaml_(context.yaml), name_(std::move(name)) {}

  Scenario read(const YamlNode& root) const {
    yaml_.requireMap(root, "a scenario",
                     {"description", "covers", "runtimes", "first_seed", "seeds", "servers", "vms", "faults",
                      "network", "expect", "fresh_client", "waits"});
    Scenario scenario;
    scenario.name = name_;
    const YamlNode* description = root.find("description");
    if (description == nullptr) yaml_.fail(root, "a scenario needs 'description', one sentence");
    scenario.description = yaml_.text(*description, "description");
    if (const YamlNode* covers = root.find("covers")) scenario.covers = readCovers(*covers);
    scenario.runtimes = readRuntimes(root);
    if (isMadeForGrpc(scenario)) speakAsOverGrpc();
    readServers(root, scenario);
    readVMs(root, scenario);
    if (const YamlNode* faults = root.find("faults")) {
      for (const auto& fault : yaml_.list(*faults, "faults", kMaxScenarioEntries)) {
        scenario.faults.push_back(readFault(context_, *fault, *scenario.servers.front().dialect));
      }
    }
    if (const YamlNode* network = root.find("network")) scenario.network = readNetwork(context_, *network);
    if (const YamlNode* expect = root.find("expect")) {
      scenario.expect = readExpectations(context_, *expect, scenario);
    }
    checkRuntimes(root, scenario);
    if (const YamlNode* seeds = root.find("seeds")) {
      scenario.seeds = yaml_.number(*seeds, "seeds", 1, kMaxSeeds);
    }
    if (const YamlNode* first = root.find("first_seed")) {
      constexpr std::uint64_t kLastSeed = std::numeric_limits<std::uint64_t>::max();
      scenario.first_seed = yaml_.number(*first, "first_seed", 0, kLastSeed - (scenario.seeds - 1));
    }
    if (const YamlNode* fresh = root.find("fresh_client")) {
      scenario.fresh_client = yaml_.flag(*fresh, "fresh_client");
    }
    if (const YamlNode* waits = root.find("waits")) {
      scenario.waits_ppm = readPartsPerMillion(yaml_, *waits, "waits");
    }
    return scenario;
  }

 private:
  std::vector<std::string> readCovers(const YamlNode& node) const {
    std::vector<std::string> covers;
    for (const auto& entry : yaml_.list(node, "covers", kMaxScenarioEntries)) {
      covers.push_back(yaml_.text(*entry, "covers"));
    }
    return covers;
  }

  /// Where this build has no older generation, such a scenario can still be listed: it is not run.
  void speakAsOverGrpc() const {
    OlderGenerationOptions options;
    options.release = kGrpcRelease;
    if (auto dialect = olderGenerationDialect(options)) context_.dialect = std::move(*dialect);
  }

  void readServers(const YamlNode& root, Scenario& scenario) const {
    static const YamlNode kUsual{
        .kind = YamlNode::Kind::map, .line = 1, .text = "", .items = {}, .entries = {}};
    const YamlNode* list = root.find("servers");
    if (list == nullptr) {
      scenario.servers.push_back(readServer(context_, kUsual, 0));
      return;
    }
    for (const auto& node : yaml_.list(*list, "servers", kMaxScenarioEntries)) {
      scenario.servers.push_back(readServer(context_, *node, scenario.servers.size()));
      checkServer(*node, scenario.servers);
    }
    if (scenario.servers.empty()) yaml_.fail(*list, "'servers' must be a list of at least one");
  }

  /// The last one, against those before.
  void checkServer(const YamlNode& node, const std::vector<ScenarioServer>& servers) const {
    const ScenarioServer& last = servers.back();
    for (const ScenarioServer& other : std::span(servers).first(servers.size() - 1)) {
      if (other.name == last.name) yaml_.fail(node, fmt::format("a second server '{}'", last.name));
      const bool apart = other.never_starts || last.never_starts ||
                         (other.stops_ms && *other.stops_ms < last.starts_ms) ||
                         (last.stops_ms && *last.stops_ms < other.starts_ms);
      if (other.port == last.port && !apart) {
        yaml_.fail(node,
                   fmt::format("servers '{}' and '{}' have port {} at the same time: give them starts_ms "
                               "and stops_ms, or another port",
                               other.name, last.name, last.port));
      }
    }
  }

  void readVMs(const YamlNode& root, Scenario& scenario) const {
    static const YamlNode kUsual{
        .kind = YamlNode::Kind::map, .line = 1, .text = "", .items = {}, .entries = {}};
    const YamlNode* list = root.find("vms");
    if (list == nullptr) {
      scenario.vms.push_back(readVM(context_, kUsual, 0, scenario));
      return;
    }
    std::uint64_t count = 0;
    std::set<std::string> names;
    for (const ScenarioServer& server : scenario.servers) names.insert(server.name);
    for (const auto& node : yaml_.list(*list, "vms", kMaxScenarioEntries)) {
      scenario.vms.push_back(readVM(context_, *node, scenario.vms.size(), scenario));
      const ScenarioVM& vm = scenario.vms.back();
      if (!names.insert(vm.name).second) {
        yaml_.fail(*node, fmt::format("the name '{}' is taken by a server or another VM", vm.name));
      }
      count += vm.count;
      if (count > kMaxScenarioVMs) yaml_.fail(*node, fmt::format("more than {} VMs in all", kMaxScenarioVMs));
    }
    if (scenario.vms.empty()) yaml_.fail(*list, "'vms' must be a list of at least one");
  }

  std::vector<ScenarioRuntime> readRuntimes(const YamlNode& root) const {
    const YamlNode* list = root.find("runtimes");
    if (list == nullptr) return {ScenarioRuntime::simulation};
    std::vector<ScenarioRuntime> runtimes;
    for (const auto& node : yaml_.list(*list, "runtimes", kMaxRuntimes)) {
      const std::string& name = yaml_.text(*node, "runtimes");
      const auto runtime = parseScenarioRuntime(name);
      if (!runtime)
        yaml_.fail(*node, fmt::format("'{}' is no runtime; expected {}", name, scenarioRuntimesText()));
      if (std::ranges::find(runtimes, *runtime) != runtimes.end()) {
        yaml_.fail(*node, fmt::format("the runtime '{}' stands here twice", name));
      }
      runtimes.push_back(*runtime);
    }
    if (runtimes.empty()) yaml_.fail(*list, "'runtimes' must be a list of at least one");
    return runtimes;
  }

  /// Real time depends on the machine: what is said of times would hold on some only.
  void checkRuntimes(const YamlNode& root, const Scenario& scenario) const {
    if (scenario.expect.ends_within_ms && !std::ranges::all_of(scenario.runtimes, isSimulated)) {
      yaml_.fail(*root.find("expect")->find("ends_within_ms"),
                 "ends_within_ms: only where all runtimes are simulated");
    }
  }

  ScenarioFileContext& context_;
  const YamlReader& yaml_;
  std::string name_;
};

std::string nameOf(const std::string& file) {
  return std::filesystem::path(file).stem().string();
}

}  // namespace

std::expected<Scenario, std::string> readScenario(std::string_view text, const std::string& file,
                                                  const ScenarioReading& reading) {
  const YamlReader yaml(file);
  try {
    if (text.size() > kMaxScenarioFileBytes) {
      yaml.fail(1, fmt::format("a scenario may have {} bytes", kMaxScenarioFileBytes));
    }
    ScenarioFileContext context{yaml, reading.folder, reading.may_name_files,
                                reading.dialect != nullptr ? reading.dialect : defaultDialect()};
    const auto root = yaml.parse(text);
    return ScenarioReader(context, reading.name.empty() ? nameOf(file) : reading.name).read(*root);
  } catch (const YamlError& error) {
    return std::unexpected(std::string(error.what()));
  }
}

std::expected<Scenario, std::string> readScenarioFile(const std::string& path, const std::string& name,
                                                      std::shared_ptr<const Dialect> dialect) {
  const auto text = readTextFile(path, kMaxScenarioFileBytes);
  if (!text) return std::unexpected(text.error());
  return readScenario(*text, path,
                      {.name = name,
                       .folder = std::filesystem::path(path).parent_path().string(),
                       .dialect = std::move(dialect)});
}

}  // namespace jitrig
