#include "scenarios/simulate/scenario_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace jitrig {
namespace {

class ScenarioText {
 public:
  std::string of(const Scenario& scenario) {
    const ScenarioNetwork& network = scenario.network;
    line("runtime: {}", toString(scenario.runtimes.front()));
    line("network: latency {} to {} us, {}, {}", network.min_latency_us, network.max_latency_us,
         network.bandwidth_bytes_per_s ? fmt::format("{} bytes/s", *network.bandwidth_bytes_per_s)
                                       : "any bandwidth",
         network.segmentation ? "in pieces" : "as written");
    for (const ScenarioServer& server : scenario.servers) addServer(server);
    for (const ScenarioVM& vm : scenario.vms) addVM(vm);
    for (std::size_t i = 0; i < scenario.faults.size(); ++i) addFault(i + 1, scenario.faults[i]);
    return std::move(text_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  static std::string release(const Dialect& dialect) { return dialect.table->release().name; }

  void addServer(const ScenarioServer& server) {
    line("{}: release {}{}, port {}, {} threads, from {} ms{}", server.name, release(*server.dialect),
         server.accept_any_version ? " (takes any)" : "", server.port, server.compilation_threads,
         server.starts_ms, server.stops_ms ? fmt::format(" to {} ms", *server.stops_ms) : "");
    if (server.aot_cache.enabled) line("  {}", cacheText(server));
    for (const MemoryStateSpan& span : server.memory.spans)
      line("  memory is {} from {} to {} ms{}", toString(span.state), span.from_ms, span.to_ms,
           span.fails ? ", and there is none" : "");
    if (server.script) addScript(*server.script);
    addMisbehaviours(server.name, server.misbehaviours);
  }

  void addScript(const Script& script) {
    for (const ScriptedCompilation& compilation : script.compilations) {
      const bool is_code =
          !compilation.end.values.empty() && compilation.end.values[0].get<Value::String>() != nullptr;
      line("  {}: {} queries{}, {}", compilation.name, compilation.queries.size(),
           compilation.ask_session_queries ? " after the session's" : "",
           is_code
               ? fmt::format("{} bytes of code", compilation.end.values[0].get<Value::String>()->bytes.size())
               : "a failure");
    }
  }

  void addVM(const ScenarioVM& vm) {
    line("{}: {} of release {} at {}, {} compilations each, {} threads, from {} ms", vm.name, vm.count,
         release(*vm.dialect), vm.server, vm.compilations, vm.compilation_threads, vm.starts_ms);
    if (vm.life.life == ClientLife::asReal) {
      line("{}: lives as the real client, a method every {} ms, waits from {} ms{}, unloads a class every {}",
           vm.name, vm.interval_ms, 2 * vm.life.reconnect_wait_ms,
           vm.life.max_reconnect_wait_ms ? fmt::format(" to {} ms", *vm.life.max_reconnect_wait_ms) : "",
           vm.class_events.unloads_every);
    }
    if (vm.client_uid != 0) line("{}: has UID {:016x}, as others may", vm.name, vm.client_uid);
    if (vm.aot.any()) line("{}: {}", vm.name, cacheUseText(vm.aot));
    if (vm.checkpoint) addCheckpoint(vm.name, *vm.checkpoint);
    addMisbehaviours(vm.name, vm.misbehaviours);
  }

  static std::string cacheText(const ScenarioServer& server) {
    std::string text = fmt::format("AOT caches of {} bytes", server.aot_cache.max_bytes);
    if (!server.aot_cache_folder.empty()) {
      fmt::format_to(std::back_inserter(text), ", saved in folder '{}' after {} methods and {} ms",
                     server.aot_cache_folder, server.aot_cache.min_new_methods,
                     server.aot_cache.min_save_interval_ms);
    }
    return text;
  }

  static std::string cacheUseText(const AOTUse& use) {
    std::string_view does = "loads from and stores in";
    if (!use.store) does = "loads from";
    if (!use.load) does = "stores in";
    return fmt::format("{} AOT cache '{}'{}{}, {} ms for each record", does, use.cache,
                       use.map ? ", whose map it asks for" : "",
                       use.ignores_local ? "" : ", and wants its code as it is", use.record_ms);
  }

  void addCheckpoint(const std::string& whose, const ScenarioCheckpoint& checkpoint) {
    line("{}: is checkpointed at {} ms, {} remote compilation before, and restored {} times at {} ms{}",
         whose, checkpoint.at_ms, checkpoint.allows_remote ? "with" : "without", checkpoint.copies,
         checkpoint.restores_ms, checkpoint.server ? fmt::format(", at {}", *checkpoint.server) : "");
  }

  void addMisbehaviours(const std::string& whose, const std::vector<MisbehaviourSpec>& misbehaviours) {
    for (const MisbehaviourSpec& misbehaviour : misbehaviours) {
      line("misbehaviour: {}: {}{}", whose, misbehaviour.name,
           misbehaviour.compilation ? fmt::format(", compilation {}", *misbehaviour.compilation) : "");
    }
  }

  void addFault(std::size_t number, const FaultSpec& fault) {
    std::string parameters;
    for (const auto& [name, value] : fault.parameters) {
      fmt::format_to(std::back_inserter(parameters), "{}{}={}", parameters.empty() ? "(" : ", ", name, value);
    }
    if (!parameters.empty()) parameters += ')';
    line("fault {}: {}{}{}", number, fault.action, parameters, triggerText(fault.trigger));
  }

  static std::string triggerText(const FaultTrigger& trigger) {
    std::string text;
    const auto add = [&text](std::string_view name, const auto& value) {
      if (value) fmt::format_to(std::back_inserter(text), ", {} {}", name, *value);
    };
    if (trigger.direction) text += *trigger.direction == Direction::client ? ", client's" : ", server's";
    add("type", trigger.type);
    add("message", trigger.message);
    add("compilation", trigger.compilation);
    add("connection", trigger.connection);
    add("from ms", trigger.not_before_ms);
    add("to ms", trigger.not_after_ms);
    fmt::format_to(std::back_inserter(text), ", {}", placeText(trigger));
    if (trigger.probability_ppm < 1'000'000) {
      fmt::format_to(std::back_inserter(text), ", {} of a million", trigger.probability_ppm);
    }
    text += trigger.count ? fmt::format(", {} times", *trigger.count) : ", always";
    return text;
  }

  static std::string placeText(const FaultTrigger& trigger) {
    switch (trigger.place) {
      case FaultPlace::beforeMessage: return "before it";
      case FaultPlace::insideSize: return "in its size";
      case FaultPlace::insideHeader: return "in its header";
      case FaultPlace::insideDescriptor: return "in a descriptor";
      case FaultPlace::insidePayload: return "in the payload";
      case FaultPlace::lastByteMissing: return "before its last byte";
      case FaultPlace::afterMessage: return "after it";
      case FaultPlace::atByte: break;
    }
    return fmt::format("at byte {}", trigger.byte);
  }

  std::string text_;
};

}  // namespace

std::string describeScenario(const Scenario& scenario) {
  return ScenarioText().of(scenario);
}

}  // namespace jitrig
