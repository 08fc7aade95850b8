#include "scenarios/file/explain_scenario.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakevm/vm_misbehaviours.h"
#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_place.h"
#include "scenarios/file/expected_count.h"

namespace jitrig {
namespace {

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// "1st", "2nd", "13th".
std::string ordinal(std::uint64_t number) {
  const std::uint64_t last = number % 10;
  const bool teen = number % 100 / 10 == 1;
  const char* ending = teen || last == 0 || last > 3 ? "th" : last == 1 ? "st" : last == 2 ? "nd" : "rd";
  return fmt::format("{}{}", number, ending);
}

std::string describe(const Dialect& dialect) {
  const Release& release = dialect.table->release();
  if (dialect.format != nullptr) {
    return fmt::format("{} {}: {}", dialect.protocol(), release.name, jitrig::describe(dialect.announced));
  }
  return fmt::format("release {} ({}): {}", release.name, toString(dialect.table->build()),
                     jitrig::describe(dialect.announced));
}

std::string describe(const Script& script) {
  std::size_t queries = 0;
  for (const ScriptedCompilation& compilation : script.compilations) queries += compilation.queries.size();
  return fmt::format("a script of {} with {}", counted(script.compilations.size(), "compilation"),
                     queries == 1 ? "1 query" : fmt::format("{} queries", queries));
}

std::string_view sentenceOf(std::string_view name, std::span<const MisbehaviourInfo> known) {
  const auto found = std::ranges::find(known, name, &MisbehaviourInfo::name);
  return found == known.end() ? "" : found->sentence;
}

/// Collects lines; each part of a scenario writes its own.
class Explanation {
 public:
  explicit Explanation(const Scenario& scenario) : scenario_(scenario) {}

  std::string write() {
    line("{}: {}", scenario_.name, scenario_.description);
    if (!scenario_.covers.empty()) {
      line("Known bugs that it is about: {}", fmt::join(scenario_.covers, ", "));
    }
    line("\nWho takes part");
    for (const ScenarioServer& server : scenario_.servers) writeServer(server);
    for (const ScenarioVM& vm : scenario_.vms) writeVM(vm);
    writeFaults();
    writeNetwork();
    writeExpectations();
    writeRuntimes();
    return std::move(text_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  void writeServer(const ScenarioServer& server) {
    line("  server '{}', port {}, {}", server.name, server.port, describe(*server.dialect));
    if (!server.script_file.empty())
      line("    plays {}", server.script_file);
    else if (server.script)
      line("    plays {}", describe(*server.script));
    else
      line("    plays its usual script: some queries, then code");
    line("    {}, waits {} ms for a message", counted(server.compilation_threads, "compilation thread"),
         server.timeout_ms);
    writeMemory(server.memory);
    if (server.accept_any_version) line("    accepts every version");
    if (server.plain) line("    has no TLS, where others have it");
    if (server.never_starts) line("    is never there");
    if (server.starts_ms != 0) line("    begins to listen at {} ms", server.starts_ms);
    if (server.aot_cache.enabled) {
      line("    has an AOT cache of at most {} bytes{}", server.aot_cache.max_bytes,
           server.aot_cache_folder.empty() ? "" : ", kept in folder " + server.aot_cache_folder);
    }
    if (server.stops_ms) line("    ends at {} ms", *server.stops_ms);
  }

  void writeMemory(const ServerMemoryOptions& memory) {
    if (memory == ServerMemoryOptions{}) return;
    line("    has {} MiB of memory, of which a session uses {}, a compilation {}",
         memory.free_at_start_bytes >> 20U, memory.session_bytes >> 20U, memory.compilation_bytes >> 20U);
    for (const FreeMemoryStep& step : memory.steps)
      line("    has {} MiB from {} ms on", step.free_bytes >> 20U, step.at_ms);
    for (const MemoryStateSpan& span : memory.spans)
      line("    says from {} to {} ms that its memory is {}{}", span.from_ms, span.to_ms,
           toString(span.state), span.fails ? ", and finds none to compile with" : "");
  }

  void writeVM(const ScenarioVM& vm) {
    line("  {} '{}' of server '{}', {}", vm.count == 1 ? "VM" : fmt::format("{} VMs", vm.count), vm.name,
         vm.server, describe(*vm.dialect));
    line("    {} on {}, waits {} ms for a message",
         vm.until_compiled ? fmt::format("until {} are compiled", *vm.until_compiled)
                           : counted(vm.compilations, "compilation"),
         counted(vm.compilation_threads, "thread"), vm.timeout_ms);
    if (vm.plain) line("    has no TLS, where others have it");
    if (vm.replies) line("    answers from {}", *vm.replies);
    if (vm.client_uid != 0) line("    says that it is client {}", vm.client_uid);
    if (vm.starts_ms != 0) line("    begins at {} ms", vm.starts_ms);
    if (vm.interval_ms != 0) line("    a method comes up for compilation every {} ms", vm.interval_ms);
    if (vm.life.life == ClientLife::asReal) writeLife(vm.life);
    writeClassEvents(vm.class_events);
    if (vm.aot.any()) {
      line("    uses the AOT cache '{}': {}{}{}", vm.aot.cache, vm.aot.load ? "loads" : "",
           vm.aot.load && vm.aot.store ? " and " : "", vm.aot.store ? "stores" : "");
    }
    if (vm.checkpoint) writeCheckpoint(*vm.checkpoint);
  }

  void writeCheckpoint(const ScenarioCheckpoint& checkpoint) {
    line("    is checkpointed at {} ms, {} remote compilation before, and restored at {} ms{}",
         checkpoint.at_ms, checkpoint.allows_remote ? "with" : "without", checkpoint.restores_ms,
         checkpoint.copies == 1 ? "" : fmt::format(", {} times", checkpoint.copies));
    if (checkpoint.plain) line("    restored, it is {} TLS", *checkpoint.plain ? "without" : "with");
    if (checkpoint.server) line("    restored, its server is '{}'", *checkpoint.server);
  }

  void writeLife(const ClientLifeOptions& life) {
    line(
        "    tries a method {} times, and compiles itself when there is no server; first waits {} ms, then "
        "twice as long each time{}",
        kMaxCompileAttempts, 2 * life.reconnect_wait_ms,
        life.max_reconnect_wait_ms ? fmt::format(", at most {} ms", *life.max_reconnect_wait_ms) : "");
    if (life.require_server) line("    ends with the first stream failure");
    if (life.suppress_remote) line("    asks no server at all");
  }

  void writeClassEvents(const ClassEventOptions& events) {
    const std::pair<std::uint64_t, std::string_view> all[] = {
        {events.unloads_every, "a class is unloaded, and compilations in progress are interrupted"},
        {events.redefines_every, "classes are redefined, and compilations in progress are interrupted"},
        {events.extends_every, "a class is loaded that extends another"},
        {events.modifies_every, "a final field is written to"}};
    for (const auto& [every, what] : all) {
      if (every != 0) line("    with each {} method {}", ordinal(every), what);
    }
  }

  void writeFaults() {
    line("\nWhat goes wrong");
    bool anything = false;
    for (const FaultSpec& fault : scenario_.faults) {
      const FaultAction* action = findFaultAction(fault.action);
      line("  {}{}: {}", fault.action, fault.enabled ? "" : " (switched off)",
           action != nullptr ? action->sentence : "");
      for (const auto& [name, value] : fault.parameters) line("    {}: {}", name, value);
      line("    {}", explainTrigger(fault.trigger, *scenario_.servers.front().dialect));
      anything = true;
    }
    for (const ScenarioServer& server : scenario_.servers) {
      for (const auto& spec : server.misbehaviours) {
        writeMisbehaviour("server", server.name, spec, compilerMisbehaviours());
        anything = true;
      }
    }
    for (const ScenarioVM& vm : scenario_.vms) {
      for (const auto& spec : vm.misbehaviours) {
        writeMisbehaviour("VM", vm.name, spec, vmMisbehaviours());
        anything = true;
      }
    }
    if (!anything) line("  nothing");
  }

  void writeMisbehaviour(std::string_view kind, const std::string& name, const MisbehaviourSpec& spec,
                         std::span<const MisbehaviourInfo> known) {
    line(
        "  {} '{}' misbehaves in {}: {}: {}", kind, name,
        spec.compilation ? fmt::format("its {} compilation", ordinal(*spec.compilation)) : "each compilation",
        spec.name, sentenceOf(spec.name, known));
  }

  void writeNetwork() {
    const ScenarioNetwork& network = scenario_.network;
    line("\nThe network, where it is simulated");
    line("  {} to {} µs from end to end{}{}", network.min_latency_us, network.max_latency_us,
         network.bandwidth_bytes_per_s ? fmt::format(", {} bytes per second", *network.bandwidth_bytes_per_s)
                                       : "",
         network.segmentation ? ", messages arrive in random pieces" : "");
  }

  void writeExpectations() {
    const ScenarioExpectations& expect = scenario_.expect;
    line("\nWhat must hold, beyond what every run is judged by");
    if (expect.counts.empty()) line("  everything is compiled");
    for (const auto& [name, count] : expect.counts)
      line("  {}: {} ({})", name, toString(count), meaningOf(name));
    for (const std::string& detail : expect.details) line("  somebody reports: {}", detail);
    for (const std::string& detail : expect.absent_details) line("  nobody reports: {}", detail);
    for (const std::string& name : expect.allowed_findings) line("  '{}' may find something", name);
    if (expect.ends_within_ms) line("  it ends within {} ms", *expect.ends_within_ms);
    if (scenario_.fresh_client) line("  afterwards, faults off, one more client is served");
  }

  std::string_view meaningOf(std::string_view name) const {
    using Of = ScenarioCountName::Of;
    const std::size_t dot = name.find('.');
    const std::string_view owner = dot == std::string_view::npos ? "" : name.substr(0, dot);
    const bool of_server =
        std::ranges::find(scenario_.servers, owner, &ScenarioServer::name) != scenario_.servers.end();
    const std::string_view last = name.substr(owner.empty() ? 0 : dot + 1);
    for (const ScenarioCountName& known : scenarioCountNames()) {
      if (known.name == last && (known.of == Of::server) == of_server) return known.meaning;
    }
    return "";
  }

  void writeRuntimes() {
    line("\nWhere it runs");
    for (const ScenarioRuntime runtime : scenario_.runtimes) {
      line("  {}{}", toString(runtime), isSimulated(runtime) ? ", " + seedsText() : "");
    }
  }

  std::string seedsText() const {
    const std::string number = counted(scenario_.seeds, "seed");
    return scenario_.first_seed == 1 ? number : fmt::format("{} from {} on", number, scenario_.first_seed);
  }

  const Scenario& scenario_;
  std::string text_;
};

}  // namespace

std::string explainScenario(const Scenario& scenario) {
  return Explanation(scenario).write();
}

std::string explainTrigger(const FaultTrigger& trigger, const Dialect& dialect) {
  std::string message = trigger.type ? dialect.typeName(*trigger.type) : "a message";
  if (trigger.message)
    message = fmt::format("{} that is the {} of its connection", message, ordinal(*trigger.message));
  if (trigger.message_of_compilation) {
    message += fmt::format(", the {} of its compilation", ordinal(*trigger.message_of_compilation));
  }
  std::string text =
      fmt::format("when the {} sends {}",
                  trigger.direction ? toString(*trigger.direction) : "client or the server", message);
  if (trigger.compilation)
    text += fmt::format(", in the {} compilation of all", ordinal(*trigger.compilation));
  if (trigger.connection) text += fmt::format(", on the {} connection", ordinal(*trigger.connection));
  if (trigger.not_before_ms) text += fmt::format(", not before {} ms", *trigger.not_before_ms);
  if (trigger.not_after_ms) text += fmt::format(", not after {} ms", *trigger.not_after_ms);
  if (trigger.place == FaultPlace::atByte)
    text += fmt::format("; at its byte {}", trigger.byte);
  else
    text += fmt::format("; {}", toString(trigger.place));
  constexpr std::uint32_t kMillion = 1'000'000;
  if (trigger.probability_ppm < kMillion) {
    text += fmt::format("; in {} of a million cases", trigger.probability_ppm);
  }
  if (!trigger.count) return text + "; always";
  return text + (*trigger.count == 1 ? "; once" : fmt::format("; {} times", *trigger.count));
}

}  // namespace jitrig
