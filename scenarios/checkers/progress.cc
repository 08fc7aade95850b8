#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <limits>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"
#include "scenarios/checkers/threads_at_work.h"

namespace jitrig {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

/// From then on everybody who waited for something that was disturbed has lost patience.
std::int64_t calmSince(const RunRecord& record) {
  std::int64_t patience_ms = 0;
  for (const VMRecord& vm : record.vms) patience_ms = std::max(patience_ms, vm.timeout_ms);
  for (const ServerRecord& server : record.servers) {
    patience_ms = std::max({patience_ms, server.timeout_ms, server.first_request_timeout_ms});
  }
  return record.healed ? record.healed->time_ns + patience_ms * kNsPerMs
                       : std::numeric_limits<std::int64_t>::max();
}

/// The longest time in which nothing came or went on a connection while a compilation was in progress.
struct Wait {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::uint64_t order = 0;
};

Wait longestWait(const RecordedEnd& end, const Exchange& exchange) {
  const RecordedFrame& request = end.written.frames[exchange.request];
  Wait longest{.begin_ns = request.time_ns, .end_ns = request.time_ns, .order = request.order};
  std::int64_t last_ns = request.time_ns;
  const auto see = [&](const RecordedFrame& frame) {
    if (frame.time_ns - last_ns > longest.end_ns - longest.begin_ns) {
      longest = {.begin_ns = last_ns, .end_ns = frame.time_ns, .order = frame.order};
    }
    last_ns = frame.time_ns;
  };
  for (const Question& question : exchange.questions) {
    see(end.read.frames[question.query]);
    if (question.reply) see(end.written.frames[*question.reply]);
  }
  if (exchange.final_message) see(end.read.frames[*exchange.final_message]);
  return longest;
}

/// When the server told that this end was over; otherwise when it was closed.
std::int64_t overAt(const ServerRecord& server, EndReference reference, const RecordedEnd& end) {
  for (const auto& told : server.stream_ends) {
    if (told.end == reference) return told.when.time_ns;
  }
  return end.closed_ns;
}

/// What a server may need beyond a timeout: its own work takes no virtual time.
constexpr std::int64_t kSlackMs = 1;

/// A connection without a request is closed when its time is over. One that the client has ended before then
/// stands in the queue, as a request does, until a compilation thread is free to see that; what it had to
/// wait for is read from what the threads did.
bool mayStay(const Judgement& judgement, const RecordedEnd& end, std::int64_t timeout_ns,
             std::int64_t over_ns) {
  if (over_ns <= timeout_ns) return true;
  if (!end.read.error) return false;  // no thread ever had it
  const ServerRecord& server = judgement.record().servers[end.persona];
  if (server.tls) return true;
  const ThreadsAtWork work(judgement, end.persona);
  return work.leastBetween(timeout_ns, over_ns) >= server.compilation_threads;
}

void checkSilent(Judgement& judgement, const RecordedConnection& connection) {
  const auto& end = connection.end(Direction::server);
  if (!end || end->read.bytes != 0 || end->closed_order == 0) return;
  const ServerRecord& server = judgement.record().servers[end->persona];
  if (server.misbehaves() || !server.pauses.empty()) return;
  const EndReference reference{.connection = connection.index, .local = Direction::server};
  const std::int64_t over_ns = overAt(server, reference, *end);
  const std::int64_t allowed_ns = (server.first_request_timeout_ms + kSlackMs) * kNsPerMs;
  if (mayStay(judgement, *end, end->opened_ns + allowed_ns, over_ns)) return;
  judgement.find(
      fmt::format("{}: was open for {} ms without a byte, expected at most {} ms{}",
                  judgement.textOf(reference), (over_ns - end->opened_ns) / kNsPerMs,
                  server.first_request_timeout_ms,
                  end->read.error ? ", since not all compilation threads had something to do" : ""),
      {{.end = reference, .order = end->closed_order}});
}

/// A request stands in the server's queue for as long as all threads are busy. Beyond its budget that must be
/// so until it is taken, which the client learns a journey later.
bool stoodInQueue(const Judgement& judgement, const std::optional<RecordedEnd>& server_end,
                  const RecordedFrame& request, const Wait& wait) {
  if (!server_end || wait.begin_ns != request.time_ns) return false;
  const RunRecord& record = judgement.record();
  const ServerRecord& server = record.servers[server_end->persona];
  if (server.misbehaves()) return false;
  if (server.tls) return true;  // see ThreadsAtWork
  const ThreadsAtWork work(judgement, server_end->persona);
  return work.leastBetween(wait.begin_ns + record.progress_budget_ns,
                           wait.end_ns - record.network->max_latency_ns) >= server.compilation_threads;
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  if (!record.network) return;  // real time proves nothing
  for (const RecordedConnection& connection : record.connections) checkSilent(judgement, connection);
  const std::int64_t calm_since_ns = calmSince(record);
  for (const EndHistory& history : judgement.histories()) {
    if (history.end.local != Direction::client) continue;
    const RecordedEnd& end = judgement.end(history.end);
    const auto& server = record.connections[history.end.connection].end(Direction::server);
    Touched touched = judgement.disturbances().vm(end.persona);
    if (server) touched.add(judgement.disturbances().server(server->persona));
    const bool connection_touched =
        judgement.disturbances().connection(history.end.connection).first() != Touched::kUntouched;
    for (std::size_t i = 0; i < history.exchanges.size(); ++i) {
      const Wait wait = longestWait(end, history.exchanges[i]);
      if (wait.end_ns - wait.begin_ns <= record.progress_budget_ns) continue;
      const bool calm = wait.begin_ns >= calm_since_ns && !connection_touched;
      if (touched.first() <= wait.end_ns && !calm) continue;
      if (stoodInQueue(judgement, server, end.written.frames[history.exchanges[i].request], wait)) continue;
      judgement.find(
          fmt::format("{}: nothing happened for {} ms, the budget is {} ms",
                      judgement.textOf(ExchangeReference{.end = history.end, .exchange = i}),
                      (wait.end_ns - wait.begin_ns) / kNsPerMs, record.progress_budget_ns / kNsPerMs),
          {{.end = history.end, .order = wait.order}});
    }
  }
}

}  // namespace

const Checker kProgress{
    "progress",
    "A compilation never stands still for longer than its budget of virtual time, and a "
    "connection without a request stays for its time, longer only while all threads are busy.",
    check};

}  // namespace jitrig
