#include "scenarios/run/run_counts.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace jitrig {
namespace {

/// Counts under `name` for all, and under "who.name".
void add(RunCounts& counts, const std::string& who, std::string_view name, std::uint64_t number) {
  counts[std::string(name)] += number;
  counts[who + "." + std::string(name)] += number;
}

void addServer(RunCounts& counts, const std::string& who, std::string_view name, std::uint64_t number) {
  counts[who + "." + std::string(name)] += number;
}

std::string_view countNameOf(ServerEvent::Kind kind) {
  switch (kind) {
    case ServerEvent::Kind::connected: return "servers_met";
    case ServerEvent::Kind::lost: return "servers_lost";
    case ServerEvent::Kind::unreachable: break;
  }
  return "servers_unreachable";
}

/// Numbers first, names once: there are far more reports than names.
void addVM(RunCounts& counts, const std::string& who, const VMRecord& vm) {
  constexpr std::array kResults{CompilationResult::compiled, CompilationResult::failed,
                                CompilationResult::terminated, CompilationResult::interrupted,
                                CompilationResult::local};
  std::array<std::uint64_t, kResults.size()> results{};
  std::uint64_t tried_again = 0;
  std::uint64_t queries = 0;
  std::uint64_t stream_failures = 0;
  for (const auto& told : vm.reports) {
    if (told.report.tried_again) {
      ++tried_again;
    } else {
      ++results.at(static_cast<std::size_t>(told.report.result));
    }
    queries += told.report.queries;
    stream_failures += told.report.lostStream() ? 1 : 0;
  }
  for (const CompilationResult each : kResults)
    add(counts, who, toString(each), results.at(static_cast<std::size_t>(each)));
  add(counts, who, "compilations", vm.reports.size() - tried_again);
  add(counts, who, "tried_again", tried_again);
  add(counts, who, "jit_dumps", vm.jit_dumps.size());
  add(counts, who, "queries", queries);
  add(counts, who, "stream_failures", stream_failures);
  for (const auto& [result, name] :
       {std::pair(AOTResult::loaded, "aot_loaded"), std::pair(AOTResult::stored, "aot_stored"),
        std::pair(AOTResult::deserializationFailed, "aot_failed"),
        std::pair(AOTResult::deserializerReset, "aot_reset"), std::pair(AOTResult::refused, "aot_refused")}) {
    const auto ended_so = [&](const auto& told) {
      return told.report.aot && told.report.aot->result == result;
    };
    add(counts, who, name, static_cast<std::uint64_t>(std::ranges::count_if(vm.reports, ended_so)));
  }
  add(counts, who, "aot_map_methods", vm.summary ? vm.summary->aot_map_methods : 0);
  for (const auto kind :
       {ServerEvent::Kind::connected, ServerEvent::Kind::lost, ServerEvent::Kind::unreachable}) {
    const auto is_kind = [kind](const auto& told) { return told.report.kind == kind; };
    add(counts, who, countNameOf(kind),
        static_cast<std::uint64_t>(std::ranges::count_if(vm.events, is_kind)));
  }
}

void addActivation(RunCounts& counts, const std::string& who, const VMRecord& vm) {
  const FakeVMSummary summary = vm.summary.value_or(FakeVMSummary{});
  add(counts, who, "policy_changes", summary.policy_changes);
  add(counts, who, "activations", summary.activations);
  add(counts, who, "suspensions", summary.suspensions);
}

/// What a server said of itself.
void addStates(RunCounts& counts, const std::string& who, const ServerRecord& server,
               const std::set<std::uint64_t>& fresh_uids) {
  std::uint64_t memory_low = 0;
  std::uint64_t threads_high = 0;
  std::uint64_t threads_very_high = 0;
  for (const auto& told : server.reports) {
    if (!told.report.states || fresh_uids.contains(told.report.client_uid)) continue;
    const ServerStates& states = told.report.states->states;
    memory_low += states.memory != ServerMemoryState::normal ? 1 : 0;
    threads_high += states.threads != ServerActiveThreadsState::normal ? 1 : 0;
    threads_very_high += states.threads == ServerActiveThreadsState::veryHigh ? 1 : 0;
  }
  addServer(counts, who, "memory_low", memory_low);
  addServer(counts, who, "threads_high", threads_high);
  addServer(counts, who, "threads_very_high", threads_very_high);
  addServer(counts, who, "used_mib", server.rest ? server.rest->used_memory_bytes >> 20U : 0);
}

/// Those of fresh clients are not counted.
void addServer(RunCounts& counts, const std::string& who, const ServerRecord& server,
               const std::set<std::uint64_t>& fresh_uids) {
  constexpr std::array kOutcomes{CompilationOutcome::compiled, CompilationOutcome::failed,
                                 CompilationOutcome::interrupted, CompilationOutcome::streamFailure};
  std::array<std::uint64_t, kOutcomes.size()> outcomes{};
  std::uint64_t compilations = 0;
  for (const auto& told : server.reports) {
    if (fresh_uids.contains(told.report.client_uid)) continue;
    ++outcomes.at(static_cast<std::size_t>(told.report.outcome));
    ++compilations;
  }
  for (const CompilationOutcome each : kOutcomes) {
    addServer(counts, who, toString(each), outcomes.at(static_cast<std::size_t>(each)));
  }
  addServer(counts, who, "compilations", compilations);
  addServer(counts, who, "jit_dumps", server.jit_dumps.size());
  for (const auto& [outcome, name] : {std::pair(AOTServing::Outcome::hit, "aot_hits"),
                                      std::pair(AOTServing::Outcome::stored, "aot_stored")}) {
    const auto served_so = [&](const auto& told) {
      return told.report.aot && told.report.aot->outcome == outcome;
    };
    addServer(counts, who, name,
              static_cast<std::uint64_t>(std::ranges::count_if(server.reports, served_so)));
  }
  std::uint64_t broken = outcomes.at(static_cast<std::size_t>(CompilationOutcome::streamFailure));
  for (const auto& told : server.stream_ends) {
    if (told.report.failure) ++broken;
  }
  addServer(counts, who, "stream_failures", broken);
}

}  // namespace

RunCounts countsOf(const RunCast& cast, const RunRecord& record) {
  RunCounts counts;
  std::set<std::uint64_t> fresh_uids;
  for (std::size_t i = 0; i < record.vms.size(); ++i) {
    if (record.vms[i].fresh) {
      fresh_uids.insert(record.vms[i].client_uid);
    } else if (!record.vms[i].external) {
      add(counts, cast.vms[i], "connections", 0);
      addVM(counts, cast.vms[i], record.vms[i]);
      addActivation(counts, cast.vms[i], record.vms[i]);
    }
  }
  std::vector<std::uint64_t> connections(record.vms.size());
  for (const RecordedConnection& connection : record.connections) {
    const auto& end = connection.end(Direction::client);
    if (end && !record.vms[end->persona].fresh) ++connections[end->persona];
  }
  for (std::size_t i = 0; i < connections.size(); ++i) {
    if (connections[i] != 0) add(counts, cast.vms[i], "connections", connections[i]);
  }
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    if (record.servers[i].external) continue;
    addServer(counts, cast.servers[i], record.servers[i], fresh_uids);
    addStates(counts, cast.servers[i], record.servers[i], fresh_uids);
  }
  counts["faults"] = record.faults.size();
  return counts;
}

}  // namespace jitrig
