#include <algorithm>
#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/dialect_difference.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// What a persona's ends of connections add up to.
struct Traffic {
  std::uint64_t ends = 0;
  std::uint64_t written = 0;
  std::uint64_t read = 0;
  /// From somebody who is no persona: what ends a connection may have been no message.
  std::uint64_t from_strangers = 0;
};

Traffic trafficOf(const RunRecord& record, Direction side, std::size_t persona) {
  Traffic traffic;
  for (const RecordedConnection& connection : record.connections) {
    const auto& end = connection.end(side);
    if (!end || end->persona != persona) continue;
    ++traffic.ends;
    traffic.written += end->written.frames.size();
    traffic.read += end->read.frames.size();
    if (!connection.hasBothEnds() && !end->read.frames.empty()) ++traffic.from_strangers;
  }
  return traffic;
}

/// Messages of another release may be none to this server: then they are not counted.
bool meetsStrangers(const RunRecord& record, std::size_t server) {
  return std::ranges::any_of(record.connections, [&](const RecordedConnection& connection) {
    return connection.hasBothEnds() && connection.end(Direction::server)->persona == server &&
           speakDifferently(record.vms[connection.end(Direction::client)->persona], record.servers[server]);
  });
}

class Sums {
 public:
  Sums(Judgement& judgement, const PersonaRecord& persona, const Concerned& who)
      : judgement_(judgement), persona_(persona), who_(who) {}

  void expect(std::string_view what, std::uint64_t counted, std::uint64_t expected) const {
    if (counted == expected) return;
    judgement_.find(fmt::format("{} counted {} {}, expected {}", persona_.name, counted, what, expected),
                    {who_});
  }
  /// What came in and was not understood, or not waited for, is not counted.
  void expectReceived(std::uint64_t counted, const Traffic& traffic, bool touched) const {
    if (counted <= traffic.read && (touched || counted + traffic.from_strangers >= traffic.read)) return;
    expect("messages received", counted, traffic.read);
  }

 private:
  Judgement& judgement_;
  const PersonaRecord& persona_;
  const Concerned& who_;
};

void checkVM(Judgement& judgement, std::size_t index) {
  const VMRecord& vm = judgement.record().vms[index];
  const FakeVMSummary& summary = *vm.summary;
  std::uint64_t compiled = 0;
  std::uint64_t local = 0;
  std::uint64_t tried_again = 0;
  std::uint64_t stream_failures = 0;
  for (const auto& told : vm.reports) {
    compiled += told.report.result == CompilationResult::compiled ? 1U : 0U;
    local += told.report.result == CompilationResult::local ? 1U : 0U;
    tried_again += told.report.tried_again ? 1U : 0U;
    stream_failures += told.report.lostStream() ? 1U : 0U;
  }
  const Concerned who{.vm = index};
  const Sums sums(judgement, vm, who);
  sums.expect("compiled", summary.compiled, compiled);
  sums.expect("compiled locally", summary.local, local);
  sums.expect("failed", summary.failed, vm.reports.size() - compiled - local - tried_again);
  sums.expect("JitDumps", summary.jit_dumps, vm.jit_dumps.size());
  sums.expect("attempts that were followed by another", summary.tried_again, tried_again);
  sums.expect("stream failures", summary.stream_failures, stream_failures);
  const Traffic traffic = trafficOf(judgement.record(), Direction::client, index);
  sums.expect("connections", summary.connections, traffic.ends);
  sums.expect("messages sent", summary.messages_sent, traffic.written);
  sums.expectReceived(summary.messages_received, traffic,
                      judgement.disturbances().vm(index).first() != Touched::kUntouched);
}

void checkServer(Judgement& judgement, std::size_t index) {
  const ServerRecord& server = judgement.record().servers[index];
  const FakeCompilerSummary& summary = *server.summary;
  std::uint64_t by_outcome[4] = {};
  std::uint64_t not_as_asked = 0;
  for (const auto& told : server.reports) {
    ++by_outcome[static_cast<std::size_t>(told.report.outcome)];
    not_as_asked += told.report.as_asked ? 0U : 1U;
  }
  std::uint64_t stream_failures = by_outcome[static_cast<std::size_t>(CompilationOutcome::streamFailure)];
  const std::uint64_t compiling = stream_failures;
  for (const auto& told : server.stream_ends) stream_failures += told.report.failure ? 1U : 0U;
  const Concerned who{.server = index};
  const Sums sums(judgement, server, who);
  sums.expect("compiled", summary.compiled,
              by_outcome[static_cast<std::size_t>(CompilationOutcome::compiled)]);
  sums.expect("failed", summary.failed, by_outcome[static_cast<std::size_t>(CompilationOutcome::failed)]);
  sums.expect("interrupted", summary.interrupted,
              by_outcome[static_cast<std::size_t>(CompilationOutcome::interrupted)]);
  sums.expect("stream failures", summary.stream_failures, stream_failures);
  sums.expect("stream failures in compilations", summary.stream_failures_compiling, compiling);
  sums.expect("JitDumps", summary.jit_dumps, server.jit_dumps.size());
  sums.expect("compilations not as asked", summary.not_as_asked, not_as_asked);
  const Traffic traffic = trafficOf(judgement.record(), Direction::server, index);
  sums.expect("messages sent", summary.messages_sent, traffic.written);
  // Being stopped, which all servers are, disturbs no more than what it interrupts.
  sums.expectReceived(summary.messages_received, traffic,
                      judgement.disturbances().server(index).first() != Touched::kUntouched ||
                          meetsStrangers(judgement.record(), index));
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.vms.size(); ++i) {
    if (record.vms[i].summary && !record.vms[i].misbehaves()) checkVM(judgement, i);
  }
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    if (record.servers[i].summary && !record.servers[i].misbehaves()) checkServer(judgement, i);
  }
}

}  // namespace

const Checker kStatistics{
    "statistics", "A persona's counts are those of its reports, and of the messages that passed.", check};

}  // namespace jitrig
