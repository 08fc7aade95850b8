#include "scenarios/run/run_counts.h"

#include <set>
#include <string_view>

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

void addVM(RunCounts& counts, const std::string& who, const VMRecord& vm) {
  for (const CompilationResult each :
       {CompilationResult::compiled, CompilationResult::failed, CompilationResult::terminated,
        CompilationResult::interrupted, CompilationResult::local}) {
    add(counts, who, toString(each), 0);
  }
  for (const auto& told : vm.reports) {
    add(counts, who, toString(told.report.result), 1);
    add(counts, who, "queries", told.report.queries);
    const bool failed =
        told.report.result == CompilationResult::terminated || told.report.result == CompilationResult::local;
    add(counts, who, "stream_failures", failed ? 1 : 0);
  }
  add(counts, who, "compilations", vm.reports.size());
}

/// Those of fresh clients are not counted.
void addServer(RunCounts& counts, const std::string& who, const ServerRecord& server,
               const std::set<std::uint64_t>& fresh_uids) {
  for (const CompilationOutcome each : {CompilationOutcome::compiled, CompilationOutcome::failed,
                                        CompilationOutcome::interrupted, CompilationOutcome::streamFailure}) {
    addServer(counts, who, toString(each), 0);
  }
  addServer(counts, who, "compilations", 0);
  std::uint64_t broken = 0;
  for (const auto& told : server.reports) {
    if (fresh_uids.contains(told.report.client_uid)) continue;
    addServer(counts, who, toString(told.report.outcome), 1);
    addServer(counts, who, "compilations", 1);
    if (told.report.outcome == CompilationOutcome::streamFailure) ++broken;
  }
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
    }
  }
  for (const RecordedConnection& connection : record.connections) {
    const auto& end = connection.end(Direction::client);
    if (end && !record.vms[end->persona].fresh) add(counts, cast.vms[end->persona], "connections", 1);
  }
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    if (!record.servers[i].external) addServer(counts, cast.servers[i], record.servers[i], fresh_uids);
  }
  counts["faults"] = record.faults.size();
  return counts;
}

}  // namespace jitrig
