#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fakecompiler/script_file.h"
#include "fakecompiler/script_yaml.h"
#include "scenarios/file/read_scenario.h"
#include "scenarios/file/scenario_parts.h"

namespace jitrig {
namespace {

constexpr std::uint64_t kMaxThreadsOfOne = 999;  // as a real server
constexpr std::uint64_t kMaxPort = 0xffff;
constexpr std::uint64_t kMaxUid = ~std::uint64_t{0};

/// Reads the keys of one persona.
class PersonaReader {
 public:
  PersonaReader(const ScenarioFileContext& context, const YamlNode& node) : context_(context), node_(node) {}

  const YamlNode* find(std::string_view key) const { return node_.find(key); }

  std::string text(std::string_view key, const std::string& usual) const {
    const YamlNode* value = find(key);
    return value != nullptr ? context_.yaml.text(*value, key) : usual;
  }

  template <class T>
  T number(std::string_view key, T usual, std::uint64_t min, std::uint64_t max) const {
    const YamlNode* value = find(key);
    return value != nullptr ? static_cast<T>(context_.yaml.number(*value, key, min, max)) : usual;
  }

  std::int64_t milliseconds(std::string_view key, std::int64_t usual, std::uint64_t min = 0) const {
    return number<std::int64_t>(key, usual, min, kLongestTimeMs);
  }

  std::string path(const YamlNode& node, std::string_view key) const {
    if (!context_.may_name_files) context_.yaml.fail(node, fmt::format("{}: no file is read here", key));
    const std::filesystem::path given = context_.yaml.text(node, key);
    std::error_code error;
    const auto whole = std::filesystem::absolute(std::filesystem::path(context_.folder) / given, error);
    const std::string found = (error ? given : whole).lexically_normal().string();
    if (!std::filesystem::is_regular_file(found, error)) {
      context_.yaml.fail(node, fmt::format("{}: there is no file {}", key, found));
    }
    return found;
  }

 private:
  const ScenarioFileContext& context_;
  const YamlNode& node_;
};

void readScript(const ScenarioFileContext& context, const PersonaReader& persona, ScenarioServer& server) {
  const YamlNode* node = persona.find("script");
  if (node == nullptr) return;
  if (!node->isScalar()) {
    server.script = readScript(context.yaml, *node, *server.dialect);
    return;
  }
  server.script_file = persona.path(*node, "script");
  auto script = readScriptFile(server.script_file, *server.dialect);
  if (!script) context.yaml.fail(*node, script.error());
  server.script = std::move(*script);
}

/// Names stand before a dot in counts, and in words.
std::string readName(const ScenarioFileContext& context, const PersonaReader& persona,
                     const std::string& usual) {
  std::string name = persona.text("name", usual);
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (name.empty() || name.find_first_not_of(kAllowed) != std::string::npos) {
    context.yaml.fail(*persona.find("name"),
                      fmt::format("name: '{}' may have letters, digits, _ and - only", name));
  }
  return name;
}

const ScenarioServer& serverOf(const ScenarioFileContext& context, const PersonaReader& persona,
                               const Scenario& scenario) {
  const YamlNode* node = persona.find("server");
  if (node == nullptr) return scenario.servers.front();
  const std::string& name = context.yaml.text(*node, "server");
  const auto found = std::ranges::find(scenario.servers, name, &ScenarioServer::name);
  if (found != scenario.servers.end()) return *found;
  std::vector<std::string> known;
  for (const ScenarioServer& server : scenario.servers) known.push_back(server.name);
  context.yaml.fail(*node, unknownName("server of this scenario", name, known));
}

/// Whether it speaks TLS where the others do.
bool readTls(const ScenarioFileContext& context, const YamlNode& persona) {
  const YamlNode* node = persona.find("tls");
  return node == nullptr || context.yaml.flag(*node, "tls");
}

/// How many were compiled when it ends; only time makes new methods.
std::optional<std::uint64_t> readUntilCompiled(const ScenarioFileContext& context,
                                               const PersonaReader& persona) {
  const YamlNode* node = persona.find("until_compiled");
  if (node == nullptr) return std::nullopt;
  if (persona.find("compilations") != nullptr || persona.milliseconds("interval_ms", 0) == 0)
    context.yaml.fail(*node, "until_compiled: needs interval_ms, and stands instead of compilations");
  return context.yaml.number(*node, "until_compiled", 1, kMaxScenarioCompilations);
}

/// What is of the real client's life needs that life.
ClientLifeOptions readLife(const ScenarioFileContext& context, const PersonaReader& persona) {
  ClientLifeOptions life;
  if (const YamlNode* node = persona.find("life")) {
    const std::string& name = context.yaml.text(*node, "life");
    const auto known = parseClientLife(name);
    const std::vector<std::string> known_lives{"one_try", "as_real"};
    if (!known) context.yaml.fail(*node, unknownName("life", name, known_lives));
    life.life = *known;
  }
  for (const std::string_view key : {"reconnect_wait_ms", "max_reconnect_wait_ms", "require_server",
                                     "suppress_remote", "incompatible_pause_ms"}) {
    const YamlNode* node = persona.find(key);
    if (node != nullptr && life.life != ClientLife::asReal)
      context.yaml.fail(*node, fmt::format("{}: needs life: as_real", key));
  }
  life.reconnect_wait_ms = persona.milliseconds("reconnect_wait_ms", life.reconnect_wait_ms);
  if (persona.find("max_reconnect_wait_ms") != nullptr)
    life.max_reconnect_wait_ms = persona.milliseconds("max_reconnect_wait_ms", 0);
  if (const YamlNode* node = persona.find("require_server"))
    life.require_server = context.yaml.flag(*node, "require_server");
  if (const YamlNode* node = persona.find("suppress_remote"))
    life.suppress_remote = context.yaml.flag(*node, "suppress_remote");
  life.incompatible_pause_ms = persona.milliseconds("incompatible_pause_ms", life.incompatible_pause_ms);
  return life;
}

/// A recorded client tells of its own classes.
ClassEventOptions readClassEvents(const ScenarioFileContext& context, const PersonaReader& persona) {
  ClassEventOptions events;
  const std::pair<std::string_view, std::uint64_t*> keys[] = {{"unloads_every", &events.unloads_every},
                                                              {"redefines_every", &events.redefines_every},
                                                              {"extends_every", &events.extends_every},
                                                              {"modifies_every", &events.modifies_every}};
  for (const auto& [key, every] : keys) {
    *every = persona.number(key, std::uint64_t{0}, 1, kMaxScenarioCompilations);
    const YamlNode* node = persona.find(key);
    if (node != nullptr && persona.find("replies") != nullptr)
      context.yaml.fail(*node, fmt::format("{}: not with replies, which tell of recorded classes", key));
  }
  return events;
}

}  // namespace

ScenarioServer readServer(const ScenarioFileContext& context, const YamlNode& node, std::size_t index) {
  context.yaml.requireMap(node, "a server",
                          {"name",
                           "protocol",
                           "ignore_tags",
                           "release",
                           "build",
                           "jdk",
                           "compressed_refs",
                           "arch",
                           "version",
                           "config",
                           "accept_any_version",
                           "tls",
                           "script",
                           "threads",
                           "memory",
                           "timeout_ms",
                           "first_request_timeout_ms",
                           "port",
                           "starts_ms",
                           "stops_ms",
                           "max_connections",
                           "aot_cache",
                           "misbehaviours"});
  const PersonaReader persona(context, node);
  ScenarioServer server;
  server.name = readName(context, persona, index == 0 ? "server" : fmt::format("server{}", index + 1));
  server.dialect = readDialect(context, node, context.dialect);
  if (const YamlNode* any = node.find("accept_any_version")) {
    server.accept_any_version = context.yaml.flag(*any, "accept_any_version");
  }
  readScript(context, persona, server);
  server.compilation_threads = persona.number("threads", server.compilation_threads, 1, kMaxThreadsOfOne);
  if (const YamlNode* memory = node.find("memory")) server.memory = readServerMemory(context, *memory);
  server.timeout_ms = persona.milliseconds("timeout_ms", server.timeout_ms, 1);
  server.first_request_timeout_ms =
      persona.milliseconds("first_request_timeout_ms", server.first_request_timeout_ms, 1);
  server.port = persona.number("port", static_cast<std::uint16_t>(server.port + index), 1, kMaxPort);
  server.plain = !readTls(context, node);
  const YamlNode* starts = node.find("starts_ms");
  server.never_starts =
      starts != nullptr && starts->isScalar() && context.yaml.text(*starts, "starts_ms") == "never";
  if (!server.never_starts) server.starts_ms = persona.milliseconds("starts_ms", 0);
  if (node.find("stops_ms") != nullptr) server.stops_ms = persona.milliseconds("stops_ms", 0, 1);
  if (server.stops_ms && *server.stops_ms <= server.starts_ms) {
    context.yaml.fail(*node.find("stops_ms"), "stops_ms: must be later than starts_ms");
  }
  server.max_connections = persona.number("max_connections", server.max_connections, 1, 1'000'000);
  if (const YamlNode* cache = node.find("aot_cache")) readAOTCache(context, *cache, server);
  if (const YamlNode* list = node.find("misbehaviours")) {
    server.misbehaviours = readMisbehaviours(context, *list, true);
  }
  return server;
}

ScenarioVM readVM(const ScenarioFileContext& context, const YamlNode& node, std::size_t index,
                  const Scenario& scenario) {
  context.yaml.requireMap(node, "a VM",
                          {"name",
                           "count",
                           "protocol",
                           "ignore_tags",
                           "release",
                           "build",
                           "jdk",
                           "compressed_refs",
                           "arch",
                           "version",
                           "config",
                           "compilations",
                           "until_compiled",
                           "checkpoint",
                           "tls",
                           "threads",
                           "server",
                           "timeout_ms",
                           "starts_ms",
                           "interval_ms",
                           "goodbye_timeout_ms",
                           "life",
                           "reconnect_wait_ms",
                           "max_reconnect_wait_ms",
                           "require_server",
                           "suppress_remote",
                           "incompatible_pause_ms",
                           "unloads_every",
                           "redefines_every",
                           "extends_every",
                           "modifies_every",
                           "aot",
                           "replies",
                           "client_uid",
                           "misbehaviours"});
  const PersonaReader persona(context, node);
  ScenarioVM vm;
  vm.name = readName(context, persona, index == 0 ? "vm" : fmt::format("vm{}", index + 1));
  vm.count = persona.number("count", vm.count, 1, kMaxScenarioVMs);
  const ScenarioServer& server = serverOf(context, persona, scenario);
  vm.server = server.name;
  vm.dialect = readDialect(context, node, server.dialect);
  vm.compilations = persona.number("compilations", vm.compilations, 1, kMaxScenarioCompilations);
  vm.compilation_threads = persona.number("threads", vm.compilation_threads, 1, kMaxThreadsOfOne);
  vm.until_compiled = readUntilCompiled(context, persona);
  vm.plain = !readTls(context, node);
  vm.timeout_ms = persona.milliseconds("timeout_ms", vm.timeout_ms, 1);
  vm.starts_ms = persona.milliseconds("starts_ms", 0);
  vm.interval_ms = persona.milliseconds("interval_ms", vm.interval_ms);
  vm.goodbye_timeout_ms = persona.milliseconds("goodbye_timeout_ms", vm.goodbye_timeout_ms, 1);
  vm.life = readLife(context, persona);
  vm.class_events = readClassEvents(context, persona);
  if (const YamlNode* use = node.find("aot")) {
    if (vm.life.life != ClientLife::asReal) context.yaml.fail(*use, "aot: needs life: as_real");
    if (node.find("replies") != nullptr)
      context.yaml.fail(*use, "aot: not with replies, which ask as they were recorded");
    vm.aot = readAOTUse(context, *use);
  }
  if (const YamlNode* checkpoint = node.find("checkpoint")) {
    if (vm.life.life != ClientLife::asReal || vm.until_compiled)
      context.yaml.fail(*checkpoint, "checkpoint: needs life: as_real, and no until_compiled");
    vm.checkpoint = readCheckpoint(context, *checkpoint, scenario);
  }
  if (const YamlNode* replies = node.find("replies")) vm.replies = persona.path(*replies, "replies");
  vm.client_uid = persona.number("client_uid", vm.client_uid, 1, kMaxUid);
  if (const YamlNode* list = node.find("misbehaviours")) {
    vm.misbehaviours = readMisbehaviours(context, *list, false);
  }
  return vm;
}

}  // namespace jitrig
