#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// What a server's streams and reports say of one client UID.
struct Seen {
  std::uint64_t last_request = 0;  ///< order of the last request that was read and served
  std::uint64_t last_begin = 0;    ///< order from which the last one was certainly in progress
  std::uint64_t last_end = 0;      ///< order of the last report
  std::int64_t last_end_ns = 0;
  std::int64_t longest_idle_ns = 0;  ///< at most so long between two reports
  std::uint64_t last_goodbye = 0;
  std::uint64_t last_heeded_goodbye = 0;  ///< as it was written, whose connection had been closed by then
  std::uint64_t first_goodbye = ~std::uint64_t{0};
  std::uint64_t requests = 0;
  std::uint64_t asked_first = 0;  ///< how many of them began with the session's questions
  std::uint64_t answered = 0;     ///< how often the client told
  std::uint64_t cleared = 0;      ///< how often the server forgot it all, and has to ask again
  /// From the order in which a request was read, or from the beginning if that is not known, to that of its
  /// report.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> uses;
};

using Clients = std::map<std::uint64_t, Seen>;

/// The first of what a new session is asked (semantics.md, section 3).
constexpr std::string_view kSessionQuery = "getUnloadedClassRangesAndCHTable";

Clients clientsOf(const Judgement& judgement, std::size_t index) {
  const ServerRecord& server = judgement.record().servers[index];
  const auto session_query = server.dialect->table->numberOf(kSessionQuery);
  Clients clients;
  for (std::size_t i = 0; i < server.reports.size(); ++i) {
    Seen& seen = clients[server.reports[i].report.client_uid];
    ++seen.requests;
    seen.last_end = std::max(seen.last_end, server.reports[i].when.order);
    const std::int64_t end_ns = server.reports[i].when.time_ns;
    if (seen.requests > 1) seen.longest_idle_ns = std::max(seen.longest_idle_ns, end_ns - seen.last_end_ns);
    seen.last_end_ns = std::max(seen.last_end_ns, end_ns);
    const auto reference = judgement.exchangeOf(index, i);
    if (!reference) {
      seen.last_begin = std::max(seen.last_begin, server.reports[i].when.order);
      seen.uses.emplace_back(0, server.reports[i].when.order);
      continue;
    }
    const Exchange& exchange = judgement.exchange(*reference);
    const RecordedEnd& end = judgement.end(reference->end);
    const std::uint64_t first_word = exchange.questions.empty()
                                         ? server.reports[i].when.order
                                         : end.written.frames[exchange.questions[0].query].order;
    seen.last_begin = std::max(seen.last_begin, first_word);
    seen.last_request = std::max(seen.last_request, end.read.frames[exchange.request].order);
    seen.uses.emplace_back(end.read.frames[exchange.request].order, server.reports[i].when.order);
    if (!exchange.questions.empty() &&
        end.written.frames[exchange.questions[0].query].type == session_query) {
      ++seen.asked_first;
      // One whose answer cannot be read is not answered: that ends the compilation.
      const bool goes_on = exchange.questions.size() > 1 || exchange.final_message;
      if (exchange.questions[0].reply && goes_on) ++seen.answered;
    }
  }
  for (const auto& told : server.order_events) {
    const bool cleared = told.report.outcome == RequestOrderEvent::Outcome::clears ||
                         told.report.kind == RequestOrderEvent::Kind::redefined;
    if (cleared) ++clients[told.report.numbers.client_uid].cleared;
  }
  for (const EndHistory& history : judgement.histories()) {
    const RecordedEnd& end = judgement.end(history.end);
    if (history.end.local != Direction::server || end.persona != index || !history.goodbye) continue;
    const RecordedFrame& frame = end.read.frames[*history.goodbye];
    if (frame.type != server.dialect->client_session_terminate) continue;
    const auto client_uid = firstUInt64(end.read, frame);
    if (!client_uid) continue;
    Seen& seen = clients[*client_uid];
    seen.last_goodbye = std::max(seen.last_goodbye, frame.order);
    const Touched& touched = judgement.disturbances().connection(history.end.connection);
    const bool as_written = !touched.altersBy(frame.time_ns);
    if (as_written && server.rest && end.closed_order != 0 && end.closed_order < server.rest->when.order) {
      seen.last_heeded_goodbye = std::max(seen.last_heeded_goodbye, frame.order);
    }
    seen.first_goodbye = std::min(seen.first_goodbye, frame.order);
  }
  return clients;
}

/// Whether a session that was not used since then has been purged: that happens when a request of anybody
/// comes, and not at each one.
struct Purge {
  explicit Purge(const ServerRecord& server)
      : min_idle_ns(server.memory == ServerMemoryOptions{} ? kMaxIdleNs : kMaxIdleInWantNs) {
    for (const auto& told : server.order_events) {
      if (told.report.kind == RequestOrderEvent::Kind::arrived) latest_request_ns = told.when.time_ns;
    }
    // In want all the time from a purge before the last request to that request itself.
    constexpr std::int64_t kNsPerMs = 1'000'000;
    for (const MemoryStateSpan& span : server.memory.spans) {
      if (!server.began || span.state != ServerMemoryState::veryLow) continue;
      const std::int64_t from_ns = server.began->time_ns + span.from_ms * kNsPerMs;
      const std::int64_t to_ns = server.began->time_ns + span.to_ms * kNsPerMs;
      if (from_ns <= latest_request_ns - kIntervalNs - kSlackNs && latest_request_ns + kSlackNs < to_ns)
        max_idle_ns = kMaxIdleInWantNs;
    }
  }

  bool mayHaveTaken(std::int64_t last_use_ns) const { return latest_request_ns >= last_use_ns + min_idle_ns; }
  bool hasTaken(std::int64_t last_use_ns) const {
    return latest_request_ns >= last_use_ns + max_idle_ns + kIntervalNs + kSlackNs;
  }

  static constexpr std::int64_t kMaxIdleNs = Duration(ClientSessionLimits{}.max_idle).count();
  static constexpr std::int64_t kMaxIdleInWantNs = Duration(ClientSessionLimits{}.max_idle_in_want).count();
  /// For what lies between the end of a compilation and its report, or between two who look at the clock.
  static constexpr std::int64_t kSlackNs = 1'000'000'000;
  static constexpr std::int64_t kIntervalNs = Duration(ClientSessionLimits{}.purge_interval).count();
  std::int64_t min_idle_ns;               ///< no session is purged earlier,
  std::int64_t max_idle_ns = kMaxIdleNs;  ///< and none is kept longer
  std::int64_t latest_request_ns = 0;
};

/// Until when a session may have been in use without a break since its last goodbye: that marks it, and
/// whoever comes before it is at rest uses what is to be deleted.
std::uint64_t markedUntil(const Seen& seen) {
  auto uses = seen.uses;
  std::ranges::sort(uses);
  std::uint64_t until = seen.last_goodbye;
  for (const auto& [begin, end] : uses) {
    if (begin <= until) until = std::max(until, end);
  }
  return until;
}

/// A goodbye that comes while a request is served, or a request that is served behind it, may go either way
/// round; what is certain is told.
void checkTable(Judgement& judgement, const ServerRecord& server, std::size_t index, const Clients& clients) {
  const ServerRest& rest = *server.rest;
  const Purge purge(server);
  for (const auto& [client_uid, seen] : clients) {
    const auto session = std::ranges::find(rest.sessions, client_uid, &RecordedSession::client_uid);
    const bool there = session != rest.sessions.end();
    if (there && seen.last_heeded_goodbye > seen.last_begin && seen.requests != 0) {
      judgement.find(
          fmt::format("{}: the session of client {:016x} is there, although its goodbye came after "
                      "its last compilation had begun",
                      server.name, client_uid),
          {{.server = index}});
    }
    if (there && session->session.compiling == 0 && purge.hasTaken(seen.last_end_ns)) {
      judgement.find(
          fmt::format("{}: the session of client {:016x} is there, although nobody used it for {} s",
                      server.name, client_uid, (purge.latest_request_ns - seen.last_end_ns) / 1'000'000'000),
          {{.server = index}});
    }
    if (!there && seen.last_request > markedUntil(seen) && seen.last_end < rest.when.order &&
        !purge.mayHaveTaken(seen.last_end_ns)) {
      judgement.find(
          fmt::format("{}: the session of client {:016x} is gone, although it said no goodbye after "
                      "its last request",
                      server.name, client_uid),
          {{.server = index}});
    }
    if (!there || seen.last_end > rest.when.order) continue;
    if (session->session.compiling != 0) {
      judgement.find(fmt::format("{}: the session of client {:016x} counts {} compilations in progress, and "
                                 "none is",
                                 server.name, client_uid, session->session.compiling),
                     {{.server = index}});
    }
    if (seen.last_goodbye == 0 && session->session.requests != seen.requests) {
      judgement.find(fmt::format("{}: the session of client {:016x} counts {} requests, {} were served",
                                 server.name, client_uid, session->session.requests, seen.requests),
                     {{.server = index}});
    }
  }
  if (rest.session_count != rest.sessions.size()) {
    judgement.find(fmt::format("{}: {} sessions, but only {} of them are of clients that were served",
                               server.name, rest.session_count, rest.sessions.size()),
                   {{.server = index}});
  }
}

/// One compilation of a session asks for it all, and another one when it was forgotten.
void checkQuestions(Judgement& judgement, const ServerRecord& server, std::size_t index,
                    const Clients& clients) {
  // The oldest releases have no such query.
  if (!server.asks_session_queries.has_value() || !server.dialect->table->find(kSessionQuery)) return;
  for (const auto& [client_uid, seen] : clients) {
    // Behind a goodbye there may be a new session; how many, the order of threads decides.
    if (seen.requests == 0 || seen.first_goodbye < seen.last_end) continue;
    if (seen.longest_idle_ns >= Purge(server).min_idle_ns) continue;
    const bool asks = *server.asks_session_queries;
    const std::uint64_t most = asks ? 1 + seen.cleared : 0;
    if (seen.answered <= most && (seen.asked_first != 0) == asks) continue;
    judgement.find(fmt::format("{}: client {:016x} was asked {} {} times, and answered {} times, expected {}",
                               server.name, client_uid, kSessionQuery, seen.asked_first, seen.answered, most),
                   {{.server = index}});
  }
}

/// One use of a session, as certain as what was read and written: it began between the request and the first
/// word, and lasted at least to the last one.
struct Use {
  std::uint64_t request = 0;
  std::uint64_t first_word = 0;
  std::uint64_t last_word = 0;
  bool asks_first = false;
  ExchangeReference exchange;
};

std::vector<Use> usesOf(const Judgement& judgement, std::size_t index, std::uint64_t client_uid) {
  const ServerRecord& server = judgement.record().servers[index];
  const auto session_query = server.dialect->table->numberOf(kSessionQuery);
  std::vector<Use> uses;
  for (std::size_t i = 0; i < server.reports.size(); ++i) {
    if (server.reports[i].report.client_uid != client_uid) continue;
    const auto reference = judgement.exchangeOf(index, i);
    if (!reference || judgement.exchange(*reference).questions.empty()) continue;
    const Exchange& exchange = judgement.exchange(*reference);
    const RecordedEnd& end = judgement.end(reference->end);
    const RecordedFrame& first = end.written.frames[exchange.questions.front().query];
    const std::size_t last = exchange.final_message.value_or(exchange.questions.back().query);
    uses.push_back({.request = end.read.frames[exchange.request].order,
                    .first_word = first.order,
                    .last_word = end.written.frames[last].order,
                    .asks_first = first.type == session_query,
                    .exchange = *reference});
  }
  return uses;
}

/// A session that is in use stays, whatever goodbye comes: nobody begins a new one meanwhile.
void checkRenewals(Judgement& judgement, std::size_t index, const Clients& clients) {
  // Else a script may ask it, too.
  if (!judgement.record().servers[index].asks_session_queries.has_value()) return;
  for (const auto& [client_uid, seen] : clients) {
    if (seen.asked_first < 2 || seen.cleared != 0) continue;
    const std::vector<Use> uses = usesOf(judgement, index, client_uid);
    for (const Use& renewal : uses) {
      if (!renewal.asks_first) continue;
      const auto other = std::ranges::find_if(uses, [&](const Use& use) {
        return use.first_word < renewal.request && use.last_word > renewal.first_word;
      });
      if (other == uses.end()) continue;
      judgement.find(
          fmt::format("{}: asks what a new session needs, although {} had begun before and was not "
                      "over: the session of client {:016x} was in use",
                      judgement.textOf(renewal.exchange), judgement.textOf(other->exchange), client_uid),
          {{.end = renewal.exchange.end, .order = renewal.first_word},
           {.end = other->exchange.end, .order = other->first_word}});
    }
  }
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    const ServerRecord& server = record.servers[i];
    if (server.misbehaves() || !server.dialect) continue;
    const Clients clients = clientsOf(judgement, i);
    if (clients.size() > ClientSessionLimits{}.max_sessions) continue;  // then it forgets some
    if (server.rest) checkTable(judgement, server, i, clients);
    checkRenewals(judgement, i, clients);
    const Touched& touched = judgement.disturbances().server(i);
    if (touched.first() == Touched::kUntouched) checkQuestions(judgement, server, i, clients);
  }
}

}  // namespace

const Checker kSessions{
    "sessions",
    "A server knows the clients that it served and that said no goodbye, and asks each once "
    "what a session needs.",
    check};

}  // namespace jitrig
