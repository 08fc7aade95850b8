#include "scenarios/file/write_scenario.h"

#include <fmt/format.h>

#include "fakecompiler/write_script.h"
#include "fakecompiler/yaml_text.h"
#include "scenarios/fault/fault_place.h"
#include "scenarios/file/expected_count.h"
#include "scenarios/file/scenario_dialect.h"
#include "scenarios/file/write_server_memory.h"

namespace jitrig {
namespace {

/// Writes what differs from what the reader takes when nothing is said.
class ScenarioWriter {
 public:
  std::string write(const Scenario& scenario) {
    jitaas_is_usual_ = isMadeForGrpc(scenario);
    yaml_.entry("description", scenario.description);
    writeList("covers", scenario.covers);
    if (scenario.runtimes != std::vector{ScenarioRuntime::simulation} && !scenario.runtimes.empty()) {
      yaml_.open("runtimes");
      for (const ScenarioRuntime runtime : scenario.runtimes) yaml_.item(toString(runtime));
      yaml_.close();
    }
    number("first_seed", scenario.first_seed, Scenario{}.first_seed);
    number("seeds", scenario.seeds, Scenario{}.seeds);
    if (!scenario.fresh_client) yaml_.entry("fresh_client", "false");
    writePartsPerMillion("waits", scenario.waits_ppm);
    yaml_.open("servers");
    for (const ScenarioServer& server : scenario.servers) writeServer(server);
    yaml_.close();
    yaml_.open("vms");
    for (const ScenarioVM& vm : scenario.vms) writeVM(vm);
    yaml_.close();
    writeFaults(scenario);
    writeNetwork(scenario.network);
    writeExpectations(scenario.expect);
    return yaml_.text();
  }

 private:
  template <class T>
  void number(std::string_view key, const T& value, const T& usual) {
    if (value != usual) yaml_.entry(key, fmt::to_string(value));
  }
  template <class T>
  void optionalNumber(std::string_view key, const std::optional<T>& value) {
    if (value) yaml_.entry(key, fmt::to_string(*value));
  }

  void writeList(std::string_view key, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    yaml_.open(key);
    for (const std::string& text : texts) yaml_.item(text);
    yaml_.close();
  }

  void writeDialect(const Dialect& dialect) {
    const Release& release = dialect.table->release();
    if (dialect.format != nullptr || jitaas_is_usual_)
      yaml_.entry("protocol", std::string(dialect.protocol()));
    yaml_.entry("release", release.name);
    if (dialect.format == nullptr) yaml_.entry("build", toString(dialect.table->build()));
    const FullVersion usual = usualVersion(release, dialect.table->build());
    if (dialect.announced.config != usual.config) {
      yaml_.entry("config", fmt::format("{:#x}", dialect.announced.config));
    }
    if (dialect.announced.version != usual.version) {
      yaml_.entry("version", fmt::format("{:#x}", dialect.announced.version));
    }
  }

  void writeServer(const ScenarioServer& server) {
    const ScenarioServer usual;
    yaml_.openItem();
    yaml_.entry("name", server.name);
    writeDialect(*server.dialect);
    if (server.accept_any_version) yaml_.entry("accept_any_version", "true");
    if (!server.script_file.empty()) {
      yaml_.entry("script", server.script_file);
    } else if (server.script) {
      yaml_.open("script");
      writeScript(yaml_, *server.script, *server.dialect);
      yaml_.close();
    }
    number("threads", server.compilation_threads, usual.compilation_threads);
    writeServerMemory(yaml_, server.memory);
    number("timeout_ms", server.timeout_ms, usual.timeout_ms);
    number("first_request_timeout_ms", server.first_request_timeout_ms, usual.first_request_timeout_ms);
    yaml_.entry("port", fmt::to_string(server.port));
    if (server.plain) yaml_.entry("tls", "false");
    if (server.never_starts) yaml_.entry("starts_ms", "never");
    number("starts_ms", server.starts_ms, usual.starts_ms);
    optionalNumber("stops_ms", server.stops_ms);
    number("max_connections", server.max_connections, usual.max_connections);
    writeAOTCache(server);
    writeMisbehaviours(server.misbehaviours);
    yaml_.close();
  }

  void writeVM(const ScenarioVM& vm) {
    const ScenarioVM usual;
    yaml_.openItem();
    yaml_.entry("name", vm.name);
    number("count", vm.count, usual.count);
    yaml_.entry("server", vm.server);
    writeDialect(*vm.dialect);
    if (!vm.until_compiled) number("compilations", vm.compilations, usual.compilations);
    optionalNumber("until_compiled", vm.until_compiled);
    if (vm.plain) yaml_.entry("tls", "false");
    number("threads", vm.compilation_threads, usual.compilation_threads);
    number("timeout_ms", vm.timeout_ms, usual.timeout_ms);
    number("starts_ms", vm.starts_ms, usual.starts_ms);
    number("interval_ms", vm.interval_ms, usual.interval_ms);
    number("goodbye_timeout_ms", vm.goodbye_timeout_ms, usual.goodbye_timeout_ms);
    writeLife(vm.life);
    const ClassEventOptions never;
    number("unloads_every", vm.class_events.unloads_every, never.unloads_every);
    number("redefines_every", vm.class_events.redefines_every, never.redefines_every);
    number("extends_every", vm.class_events.extends_every, never.extends_every);
    number("modifies_every", vm.class_events.modifies_every, never.modifies_every);
    writeAOTUse(vm.aot);
    if (vm.checkpoint) writeCheckpoint(*vm.checkpoint);
    if (vm.replies) yaml_.entry("replies", *vm.replies);
    number("client_uid", vm.client_uid, usual.client_uid);
    writeMisbehaviours(vm.misbehaviours);
    yaml_.close();
  }

  void writeAOTCache(const ScenarioServer& server) {
    if (!server.aot_cache.enabled) return;
    const AOTCacheOptions usual;
    yaml_.open("aot_cache");
    yaml_.entry("max_bytes", fmt::to_string(server.aot_cache.max_bytes));
    if (!server.aot_cache_folder.empty()) yaml_.entry("folder", server.aot_cache_folder);
    number("min_new_methods", server.aot_cache.min_new_methods, usual.min_new_methods);
    number("min_save_interval_ms", server.aot_cache.min_save_interval_ms, usual.min_save_interval_ms);
    yaml_.close();
  }

  void writeAOTUse(const AOTUse& use) {
    if (!use.any()) return;
    yaml_.open("aot");
    yaml_.entry("load", use.load ? "true" : "false");
    yaml_.entry("store", use.store ? "true" : "false");
    if (use.map) yaml_.entry("map", "true");
    if (!use.ignores_local) yaml_.entry("ignores_local", "false");
    if (use.cache != AOTUse{}.cache) yaml_.entry("cache", use.cache);
    number("record_ms", use.record_ms, AOTUse{}.record_ms);
    yaml_.close();
  }

  void writeCheckpoint(const ScenarioCheckpoint& checkpoint) {
    yaml_.open("checkpoint");
    yaml_.entry("at_ms", fmt::to_string(checkpoint.at_ms));
    yaml_.entry("restores_ms", fmt::to_string(checkpoint.restores_ms));
    if (checkpoint.allows_remote) yaml_.entry("allows_remote", "true");
    number("copies", checkpoint.copies, std::uint64_t{1});
    if (checkpoint.plain) yaml_.entry("tls", *checkpoint.plain ? "false" : "true");
    if (checkpoint.server) yaml_.entry("server", *checkpoint.server);
    yaml_.close();
  }

  void writeLife(const ClientLifeOptions& life) {
    if (life.life == ClientLife::oneTry) return;
    const ClientLifeOptions usual;
    yaml_.entry("life", toString(life.life));
    number("reconnect_wait_ms", life.reconnect_wait_ms, usual.reconnect_wait_ms);
    optionalNumber("max_reconnect_wait_ms", life.max_reconnect_wait_ms);
    if (life.require_server) yaml_.entry("require_server", "true");
    if (life.suppress_remote) yaml_.entry("suppress_remote", "true");
    number("incompatible_pause_ms", life.incompatible_pause_ms, usual.incompatible_pause_ms);
  }

  void writeMisbehaviours(const std::vector<MisbehaviourSpec>& misbehaviours) {
    if (misbehaviours.empty()) return;
    yaml_.open("misbehaviours");
    for (const MisbehaviourSpec& spec : misbehaviours) {
      if (!spec.compilation) {
        yaml_.item(spec.name);
        continue;
      }
      yaml_.openItem();
      yaml_.entry("name", spec.name);
      optionalNumber("compilation", spec.compilation);
      yaml_.close();
    }
    yaml_.close();
  }

  void writeFaults(const Scenario& scenario) {
    if (scenario.faults.empty()) return;
    yaml_.open("faults");
    for (const FaultSpec& fault : scenario.faults) writeFault(fault, *scenario.servers.front().dialect);
    yaml_.close();
  }

  void writeFault(const FaultSpec& fault, const Dialect& dialect) {
    const FaultTrigger& trigger = fault.trigger;
    yaml_.openItem();
    yaml_.entry("action", fault.action);
    if (!fault.parameters.empty()) {
      yaml_.open("with");
      for (const auto& [name, value] : fault.parameters) yaml_.entry(name, value);
      yaml_.close();
    }
    if (trigger.direction) yaml_.entry("from", toString(*trigger.direction));
    if (trigger.type) {
      const MessageType* type = dialect.table->find(*trigger.type);
      yaml_.entry("type", type != nullptr ? type->name : fmt::to_string(*trigger.type));
    }
    optionalNumber("message", trigger.message);
    optionalNumber("message_of_compilation", trigger.message_of_compilation);
    optionalNumber("compilation", trigger.compilation);
    optionalNumber("connection", trigger.connection);
    optionalNumber("not_before_ms", trigger.not_before_ms);
    optionalNumber("not_after_ms", trigger.not_after_ms);
    if (trigger.place != FaultTrigger{}.place) yaml_.entry("place", toString(trigger.place));
    if (trigger.place == FaultPlace::atByte) yaml_.entry("byte", fmt::to_string(trigger.byte));
    writePartsPerMillion("probability", trigger.probability_ppm);
    if (!trigger.count) {
      yaml_.entry("count", "always");
    } else {
      number("count", *trigger.count, std::uint64_t{1});
    }
    if (!fault.enabled) yaml_.entry("enabled", "false");
    yaml_.close();
  }

  void writePartsPerMillion(std::string_view key, std::uint32_t ppm) {
    constexpr std::uint32_t kMillion = 1'000'000;
    if (ppm < kMillion) yaml_.entry(key, fmt::format("0.{:06}", ppm));
  }

  void writeNetwork(const ScenarioNetwork& network) {
    yaml_.open("network");
    yaml_.entry("min_latency_us", fmt::to_string(network.min_latency_us));
    yaml_.entry("max_latency_us", fmt::to_string(network.max_latency_us));
    optionalNumber("bandwidth_bytes_per_s", network.bandwidth_bytes_per_s);
    if (!network.segmentation) yaml_.entry("segmentation", "false");
    yaml_.close();
  }

  void writeExpectations(const ScenarioExpectations& expect) {
    if (expect.counts.empty() && expect.details.empty() && expect.absent_details.empty() &&
        expect.allowed_findings.empty() && !expect.ends_within_ms) {
      return;
    }
    yaml_.open("expect");
    for (const auto& [name, count] : expect.counts) yaml_.entry(name, toString(count));
    writeList("details", expect.details);
    writeList("absent_details", expect.absent_details);
    writeList("allowed_findings", expect.allowed_findings);
    optionalNumber("ends_within_ms", expect.ends_within_ms);
    yaml_.close();
  }

  YamlWriter yaml_;
  bool jitaas_is_usual_ = false;  ///< where the file does not say what is spoken
};

}  // namespace

std::string writeScenario(const Scenario& scenario) {
  return ScenarioWriter().write(scenario);
}

}  // namespace jitrig
