#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"
#include "scenarios/checkers/threads_at_work.h"

namespace jitrig {
namespace {

/// A request, and what is known of when it could be read and when it was. The network delivers within its
/// greatest latency, and the server needs no virtual time to notice.
struct Taken {
  std::int64_t earliest_ns = 0;  ///< it was readable at the server …
  std::int64_t latest_ns = 0;    ///< … between these two
  std::int64_t served_ns = 0;    ///< a compilation thread had it
  std::int64_t read_ns = 0;      ///< the same, or earlier if it came in one read with what was before it
  EndReference end;
  std::size_t exchange = 0;
  std::uint64_t order = 0;
};

/// When the server said that it had read each request of its ends, by connection. One that is parked, or
/// waits for another's queries, has its thread from then on, although it writes nothing.
using Arrivals = std::map<std::size_t, std::vector<std::int64_t>>;

Arrivals arrivalsAt(const ServerRecord& server) {
  Arrivals arrivals;
  for (const auto& told : server.order_events) {
    if (told.report.kind == RequestOrderEvent::Kind::arrived && told.end)
      arrivals[told.end->connection].push_back(told.when.time_ns);
  }
  return arrivals;
}

/// That a request was read says nothing, if it came in one read with what was before it; the first answer
/// does.
std::int64_t answeredAt(const RecordedEnd& end, const Exchange& exchange) {
  if (!exchange.questions.empty()) return end.written.frames[exchange.questions[0].query].begin_ns;
  if (exchange.final_message) return end.written.frames[*exchange.final_message].begin_ns;
  return end.read.frames[exchange.request].begin_ns;
}

std::vector<Taken> requestsOf(const Judgement& judgement, std::size_t server) {
  const RunRecord& record = judgement.record();
  Arrivals arrivals = arrivalsAt(record.servers[server]);
  std::vector<Taken> requests;
  for (const EndHistory& history : judgement.histories()) {
    if (history.end.local != Direction::server) continue;
    const RecordedEnd& end = judgement.end(history.end);
    const RecordedConnection& connection = record.connections[history.end.connection];
    if (end.persona != server || !connection.hasBothEnds() || connection.ambiguous) continue;
    if (judgement.disturbances().connection(connection.index).first() != Touched::kUntouched) continue;
    const auto& sent = connection.end(Direction::client)->written.frames;
    const std::vector<std::int64_t>& told = arrivals[history.end.connection];
    for (std::size_t i = 0; i < history.exchanges.size(); ++i) {
      const std::size_t request = history.exchanges[i].request;
      if (request >= sent.size() || history.exchanges[i].jit_dump) continue;
      // A TLS server may still be busy with the handshake when the client sends.
      const std::int64_t arrived_ns = sent[request].begin_ns + record.network->max_latency_ns;
      requests.push_back({.earliest_ns = sent[request].begin_ns,
                          .latest_ns = std::max(arrived_ns, end.opened_ns),
                          .served_ns = i < told.size() ? told[i] : answeredAt(end, history.exchanges[i]),
                          .read_ns = end.read.frames[request].begin_ns,
                          .end = history.end,
                          .exchange = i,
                          .order = end.read.frames[request].order});
    }
  }
  return requests;
}

void checkServer(Judgement& judgement, std::size_t server) {
  std::vector<Taken> requests = requestsOf(judgement, server);
  const bool tls = judgement.record().servers[server].tls;
  std::ranges::sort(requests, [](const Taken& left, const Taken& right) {
    return std::tie(left.served_ns, left.order) > std::tie(right.served_ns, right.order);
  });
  // From the one served last to the first; `patient` is the one, of all served later, that was readable
  // first.
  const Taken* patient = nullptr;
  for (std::size_t begin = 0; begin < requests.size();) {
    std::size_t behind = begin;
    while (behind < requests.size() && requests[behind].served_ns == requests[begin].served_ns) {
      const Taken& early = requests[behind++];
      if (patient == nullptr || patient->latest_ns >= early.earliest_ns) continue;
      // What TLS writes first may have waited for room in the network: then it had been served before.
      if (tls && patient->read_ns <= early.served_ns) continue;
      judgement.find(
          fmt::format("{}: served {} us before {}, which was readable at least {} us earlier",
                      judgement.textOf(ExchangeReference{.end = early.end, .exchange = early.exchange}),
                      (patient->served_ns - early.served_ns) / 1000,
                      judgement.textOf(ExchangeReference{.end = patient->end, .exchange = patient->exchange}),
                      (early.earliest_ns - patient->latest_ns) / 1000),
          {{.end = early.end, .order = early.order}, {.end = patient->end, .order = patient->order}});
    }
    for (; begin < behind; ++begin) {
      if (patient == nullptr || requests[begin].latest_ns < patient->latest_ns) patient = &requests[begin];
    }
  }
}

/// Nobody waits while a thread has nothing to do.
void checkIdle(Judgement& judgement, std::size_t server) {
  const std::size_t threads = judgement.record().servers[server].compilation_threads;
  const ThreadsAtWork work(judgement, server);
  for (Taken request : requestsOf(judgement, server)) {
    // A large answer begins when the first of it had room in the network; its request was read before.
    request.served_ns = std::min(request.served_ns, request.read_ns);
    if (request.served_ns <= request.latest_ns) continue;
    // In the middle of the wait, and right before its end: work that ended in between was for others.
    for (const std::int64_t time_ns :
         {request.latest_ns + 1, (request.latest_ns + request.served_ns) / 2, request.served_ns - 1}) {
      const std::size_t at_work = work.at(time_ns);
      if (time_ns <= request.latest_ns || time_ns >= request.served_ns || at_work >= threads) continue;
      judgement.find(
          fmt::format("{}: waited for {} us although only {} of {} threads had something to do",
                      judgement.textOf(ExchangeReference{.end = request.end, .exchange = request.exchange}),
                      (request.served_ns - request.latest_ns) / 1000, at_work, threads),
          {{.end = request.end, .order = request.order}});
      break;
    }
  }
}

/// From the first word of a compilation to the last one a thread is at it: no more of them than there are.
void checkThreads(Judgement& judgement, std::size_t server) {
  struct Change {
    std::uint64_t order = 0;
    bool begins = false;
    EndReference end;
  };
  std::vector<Change> changes;
  for (const EndHistory& history : judgement.histories()) {
    const RecordedEnd& end = judgement.end(history.end);
    if (history.end.local != Direction::server || end.persona != server) continue;
    for (const Exchange& exchange : history.exchanges) {
      if (exchange.questions.empty() || exchange.jit_dump) continue;
      const std::size_t last = exchange.final_message.value_or(exchange.questions.back().query);
      changes.push_back({end.written.frames[exchange.questions.front().query].order, true, history.end});
      changes.push_back({end.written.frames[last].order, false, history.end});
    }
  }
  std::ranges::sort(changes, {},
                    [](const Change& change) { return std::pair(change.order, !change.begins); });
  const std::size_t threads = judgement.record().servers[server].compilation_threads;
  std::ptrdiff_t at_work = 0;
  for (const Change& change : changes) {
    at_work += change.begins ? 1 : -1;
    if (std::cmp_less_equal(at_work, threads)) continue;
    judgement.find(fmt::format("{}: is served as one of {} at the same time by {} threads",
                               judgement.textOf(change.end), at_work, threads),
                   {{.end = change.end, .order = change.order}});
    return;
  }
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t server = 0; server < record.servers.size(); ++server) {
    if (!record.servers[server].misbehaves()) checkThreads(judgement, server);
  }
  if (!record.network || record.network->bandwidth_limited) return;
  for (std::size_t server = 0; server < record.servers.size(); ++server) {
    if (!record.servers[server].misbehaves() && record.servers[server].pauses.empty()) {
      checkServer(judgement, server);
      // A thread that takes a TLS stream may wait for the rest of a record, which nobody writes down.
      const bool idle_is_seen = !record.servers[server].tls;
      if (idle_is_seen && judgement.disturbances().server(server).first() == Touched::kUntouched)
        checkIdle(judgement, server);
    }
  }
}

}  // namespace

const Checker kQueueOrder{
    "queue_order",
    "A server takes requests in the order in which they could be read, and at once if a thread is idle, "
    "and no more at once than it has threads.",
    check};

}  // namespace jitrig
