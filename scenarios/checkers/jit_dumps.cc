#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "fakecompiler/diagnostic_thread.h"
#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// The request of a JitDump at one end, which its exchange was found to be.
class JitDumpOnWire {
 public:
  JitDumpOnWire(Judgement& judgement, ExchangeReference reference)
      : judgement_(judgement),
        reference_(reference),
        exchange_(judgement.exchange(reference)),
        end_(judgement.end(reference.end)) {}

  /// It waits for nobody, so it cannot be kept waiting by what never comes.
  void checkRequest() const {
    const RecordedLane& lane = end_.lane(Direction::client);
    const auto behind = criticalNumberOf(lane, lane.frames[exchange_.request]);
    if (behind && *behind != 0)
      find(fmt::format("a JitDump that waits for request {}, expected for none (0)", *behind));
  }

  void checkReport(const ServerRecord& server) const {
    const auto is_its = [&](const auto& told) { return told.end == reference_.end; };
    const auto report = std::ranges::find_if(server.jit_dumps, is_its);
    if (std::ranges::count_if(server.jit_dumps, is_its) != 1)
      return find(fmt::format("a JitDump that {} reported {} times, expected once", server.name,
                              std::ranges::count_if(server.jit_dumps, is_its)));
    if (report->report.thread != DiagnosticThread::kIndex)
      find(fmt::format("a JitDump that compilation thread {} served, expected the diagnostic thread",
                       report->report.thread));
    const bool ended = report->report.outcome != CompilationOutcome::interrupted &&
                       report->report.outcome != CompilationOutcome::streamFailure;
    if (ended && !exchange_.final_message)
      find(fmt::format("a JitDump that was {}, and had no final message", toString(report->report.outcome)));
  }

  /// Neither parked nor even seen by the order of its client's requests.
  void checkOrder(const ServerRecord& server) const {
    const auto& identity = exchange_.identity;
    const auto is_it = [&](const Told<RequestOrderEvent>& told) {
      return identity && told.report.kind == RequestOrderEvent::Kind::arrived && told.end == reference_.end &&
             told.report.numbers.sequence_number == identity->sequence_number;
    };
    if (std::ranges::any_of(server.order_events, is_it))
      find("a JitDump that stood in the order of its client's requests");
  }

  /// However busy the compilation threads are. `busy_until_ns`: with the one before it.
  std::int64_t checkPromptness(std::int64_t max_latency_ns, std::int64_t busy_until_ns) const {
    const RecordedEnd* client = judgement_.peer(reference_.end);
    const std::int64_t served_ns = firstWord();
    if (client == nullptr || exchange_.request >= client->written.frames.size()) return served_ns;
    const std::int64_t read_ns = client->written.frames[exchange_.request].time_ns + max_latency_ns;
    const std::int64_t due_ns = std::max(read_ns, busy_until_ns);
    if (served_ns > due_ns)
      find(fmt::format("a JitDump that waited for {} us, expected that it is served at once",
                       (served_ns - due_ns) / 1000));
    return lastWord();
  }

  std::int64_t firstWord() const {
    if (!exchange_.questions.empty()) return end_.written.frames[exchange_.questions[0].query].begin_ns;
    if (exchange_.final_message) return end_.written.frames[*exchange_.final_message].begin_ns;
    return end_.read.frames[exchange_.request].time_ns;
  }

 private:
  std::int64_t lastWord() const {
    return exchange_.final_message ? end_.written.frames[*exchange_.final_message].time_ns : end_.closed_ns;
  }
  void find(const std::string& what) const {
    judgement_.find(fmt::format("{}: {}", judgement_.textOf(reference_), what),
                    {{.end = reference_.end, .order = exchange_.last_order}});
  }

  Judgement& judgement_;
  ExchangeReference reference_;
  const Exchange& exchange_;
  const RecordedEnd& end_;
};

/// Whether a client that was told of a crash could still have asked.
bool couldAsk(const Judgement& judgement, const EndHistory& history, const VMRecord& vm) {
  const RecordedEnd& end = judgement.end(history.end);
  return !vm.stopped && !vm.killed && !end.written.error && !end.read.error &&
         judgement.disturbances().connection(history.end.connection).first() == Touched::kUntouched &&
         !judgement.disturbances().peerMisbehaves(history.end);
}

void checkClient(Judgement& judgement, const EndHistory& history, const VMRecord& vm) {
  const auto& exchanges = history.exchanges;
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    const ExchangeReference reference{.end = history.end, .exchange = i};
    if (exchanges[i].jit_dump) JitDumpOnWire(judgement, reference).checkRequest();
    const bool due = exchanges[i].server_crashed && couldAsk(judgement, history, vm);
    const bool asked = i + 1 < exchanges.size() && exchanges[i + 1].jit_dump;
    if (!due || asked) continue;
    judgement.find(fmt::format("{}: {} was told of a crash, and asked for no JitDump",
                               judgement.textOf(reference), vm.name),
                   {{.end = history.end, .order = exchanges[i].last_order}});
  }
}

/// What a server was doing when it was told to end, it need not report.
bool endedBefore(const ServerRecord& server, const RecordedEnd& end) {
  if (server.killed) return false;
  return !server.stopped || (end.closed_order != 0 && end.closed_order < server.stopped->order);
}

void checkServer(Judgement& judgement, std::size_t index) {
  const RunRecord& record = judgement.record();
  const ServerRecord& server = record.servers[index];
  std::map<std::int64_t, ExchangeReference> dumps;  // by first word
  for (const EndHistory& history : judgement.histories()) {
    const RecordedEnd& end = judgement.end(history.end);
    if (history.end.local != Direction::server || end.persona != index) continue;
    for (std::size_t i = 0; i < history.exchanges.size(); ++i) {
      if (!history.exchanges[i].jit_dump) continue;
      const ExchangeReference reference{.end = history.end, .exchange = i};
      const JitDumpOnWire dump(judgement, reference);
      if (endedBefore(server, end)) dump.checkReport(server);
      dump.checkOrder(server);
      dumps.emplace(dump.firstWord(), reference);
    }
  }
  const bool time_proves = record.network && !record.network->bandwidth_limited && server.pauses.empty();
  std::int64_t busy_until_ns = 0;
  for (const auto& [first_word_ns, reference] : dumps) {
    const Touched& touched = judgement.disturbances().connection(reference.end.connection);
    if (!time_proves || touched.first() != Touched::kUntouched) continue;
    busy_until_ns =
        JitDumpOnWire(judgement, reference).checkPromptness(record.network->max_latency_ns, busy_until_ns);
  }
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (const EndHistory& history : judgement.histories()) {
    if (history.end.local != Direction::client) continue;
    const VMRecord& vm = record.vms[judgement.end(history.end).persona];
    if (!vm.misbehaves()) checkClient(judgement, history, vm);
  }
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    if (!record.servers[i].misbehaves()) checkServer(judgement, i);
  }
}

}  // namespace

const Checker kJitDumps{"jit_dumps",
                        "A client asks a server that crashed for a JitDump, behind nobody; the server serves "
                        "it on a thread of its own, at once, outside of the order, and once.",
                        check};

}  // namespace jitrig
