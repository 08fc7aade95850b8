#include <algorithm>
#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/crashes.h"
#include "scenarios/checkers/dialect_difference.h"
#include "scenarios/checkers/judgement.h"
#include "scenarios/checkers/memory_shortage.h"
#include "scenarios/fault/injected_error.h"

namespace jitrig {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNsPerSecond = 1'000 * kNsPerMs;

/// What a persona says went wrong, and when it noticed.
struct Failure {
  std::string detail;
  Moment noticed;
  bool timed_out = false;
  std::optional<EndReference> end{};
};

/// An end that was given up without an error of its connection: its persona's own patience was over, between
/// two calls.
bool lostPatience(const RunRecord& record, const RecordedEnd& end, std::int64_t told_ns) {
  std::int64_t last_ns = end.opened_ns;
  for (const RecordedLane* lane : {&end.read, &end.written}) {
    if (!lane->frames.empty()) last_ns = std::max(last_ns, lane->frames.back().time_ns);
  }
  std::int64_t patience_ms = 0;
  if (end.local == Direction::client) {
    patience_ms = record.vms[end.persona].timeout_ms;
  } else {
    const ServerRecord& server = record.servers[end.persona];
    patience_ms = end.read.bytes == 0 ? server.first_request_timeout_ms : server.timeout_ms;
  }
  return told_ns - last_ns >= patience_ms * kNsPerMs;
}

/// The first error of an end, or its closing: what came later may be a consequence.
void noticeAt(Failure& failure, const RunRecord& record, const RecordedEnd& end) {
  const RecordedError* first = nullptr;
  for (const RecordedLane* lane : {&end.read, &end.written}) {
    if (lane->error && (first == nullptr || lane->error->order < first->order)) first = &*lane->error;
  }
  if (first != nullptr) {
    failure.noticed = {.order = first->order, .time_ns = first->time_ns};
    failure.timed_out = first->code == NetErrc::timedOut;
    return;
  }
  failure.timed_out = lostPatience(record, end, failure.noticed.time_ns);
  if (end.closed_order != 0 && end.closed_order < failure.noticed.order)
    failure.noticed = {.order = end.closed_order, .time_ns = end.closed_ns};
}

/// When an end began to take its side of the connection down; never: the largest number.
std::uint64_t closingOrder(const RecordedEnd& end) {
  std::uint64_t closing = ~std::uint64_t{0};
  for (const std::uint64_t order : {end.write_closed_order, end.reset_order, end.closed_order}) {
    if (order != 0) closing = std::min(closing, order);
  }
  return closing;
}

/// What a failure may come from. Each failure is judged, also the one that another is a consequence of: so
/// that a peer failed before is a cause.
class Causes {
 public:
  explicit Causes(Judgement& judgement) : judgement_(judgement), record_(judgement.record()) {}

  bool explain(const Failure& failure, Direction side, std::size_t persona) const {
    if (isInjected(failure.detail)) return true;
    if (versionsDiffer(side, persona, failure.end)) return true;
    const Touched& all = touchedOf(side, persona);
    if (!failure.end) {
      return all.first() <= failure.noticed.time_ns || nobodyListens(side, persona, failure) ||
             handshakeBroken(side, failure);
    }
    const EndReference end = *failure.end;
    const Touched& touched = judgement_.disturbances().connection(end.connection);
    if (touched.breaksBy(failure.noticed.time_ns) || touched.altersBy(failure.noticed.time_ns)) return true;
    if (judgement_.disturbances().peerMisbehaves(end)) return true;
    if (failure.timed_out && timeoutExplained(end, failure)) return true;
    return judgement_.peer(end) != nullptr ? peerHadReason(end, failure) : serverTurnedAway(end);
  }

 private:
  const Touched& touchedOf(Direction side, std::size_t persona) const {
    return side == Direction::client ? judgement_.disturbances().vm(persona)
                                     : judgement_.disturbances().server(persona);
  }

  std::optional<std::size_t> serverOf(std::size_t vm) const { return record_.vms[vm].server; }

  bool versionsDiffer(Direction side, std::size_t persona, std::optional<EndReference> end) const {
    if (end) {
      const RecordedEnd* peer = judgement_.peer(*end);
      if (peer != nullptr) {
        return speakDifferently(judgement_.personaOf(*peer), judgement_.personaOf(judgement_.end(*end)));
      }
    }
    if (side == Direction::client) {
      const auto server = serverOf(persona);
      return server && speakDifferently(record_.vms[persona], record_.servers[*server]);
    }
    return std::ranges::any_of(
        record_.vms, [&](const VMRecord& vm) { return speakDifferently(vm, record_.servers[persona]); });
  }

  /// A VM that finds no server, because there is none at that time.
  bool nobodyListens(Direction side, std::size_t vm, const Failure& failure) const {
    if (side != Direction::client) return false;
    const auto before = [&](const std::optional<Moment>& moment) {
      return moment && moment->order < failure.noticed.order;
    };
    // The refusal was on its way while a server began; a handshake was going on when one ended.
    const std::int64_t way_ns = record_.network ? 4 * record_.network->max_latency_ns : kNsPerSecond;
    const std::int64_t handshake_ns = record_.vms[vm].timeout_ms * kNsPerSecond / 1'000;
    const auto recently = [&](const std::optional<Moment>& moment, std::int64_t duration_ns) {
      return before(moment) && failure.noticed.time_ns - moment->time_ns <= duration_ns;
    };
    const auto listens = [&](const ServerRecord& server) {
      return before(server.began) && !recently(server.began, way_ns) && !before(server.stopped) &&
             !before(server.killed) && !before(server.ended);
    };
    const std::uint16_t port = record_.vms[vm].server_port;
    const auto may_be_its_server = [port](const ServerRecord& server) {
      return port == 0 || server.port == 0 || server.port == port;
    };
    if (std::ranges::any_of(record_.servers, [&](const ServerRecord& server) {
          return may_be_its_server(server) &&
                 (recently(server.stopped, handshake_ns) || recently(server.killed, handshake_ns));
        })) {
      return true;
    }
    // A VM that never had a connection has no server that is known; then it may have been any.
    if (const auto server = serverOf(vm)) return !listens(record_.servers[*server]);
    return std::ranges::none_of(record_.servers, [&](const ServerRecord& server) {
      return listens(server) && may_be_its_server(server);
    });
  }

  /// A server's stream that failed before it was one, because a client's connection broke in the handshake.
  bool handshakeBroken(Direction side, const Failure& failure) const {
    return side == Direction::server &&
           std::ranges::any_of(record_.connections, [&](const RecordedConnection& connection) {
             return !connection.end(Direction::server) &&
                    judgement_.disturbances().connection(connection.index).breaksBy(failure.noticed.time_ns);
           });
  }

  /// Somebody else may hold up the server, or this end's own persona.
  bool timeoutExplained(EndReference end, const Failure& failure) const {
    const RecordedEnd* server = record_.endOf({.connection = end.connection, .local = Direction::server});
    const RecordedEnd* client = record_.endOf({.connection = end.connection, .local = Direction::client});
    const std::int64_t time_ns = failure.noticed.time_ns;
    if (client != nullptr && judgement_.disturbances().vm(client->persona).first() <= time_ns) return true;
    if (server != nullptr && judgement_.disturbances().server(server->persona).first() <= time_ns)
      return true;
    return scriptIsSilent({.connection = end.connection, .local = Direction::server});
  }

  /// The server's script wanted no answer, or a close.
  bool scriptIsSilent(EndReference server_end) const {
    const EndHistory* history = judgement_.history(server_end);
    if (history == nullptr || history->exchanges.empty()) return false;
    const ExchangeReference last{.end = server_end, .exchange = history->exchanges.size() - 1};
    const auto report = judgement_.reportOf(last);
    if (!report || judgement_.exchange(last).final_message) return false;
    const auto& told = record_.servers[judgement_.end(server_end).persona].reports[*report].report;
    return told.outcome == CompilationOutcome::failed && told.as_asked;
  }

  bool peerHadReason(EndReference end, const Failure& failure) const {
    const EndReference peer{.connection = end.connection, .local = otherDirection(end.local)};
    if (closingOrder(judgement_.end(peer)) > failure.noticed.order) return false;
    return end.local == Direction::client ? serverHadReason(peer) : clientHadReason(peer);
  }

  bool serverHadReason(EndReference server_end) const {
    const ServerRecord& server = record_.servers[judgement_.end(server_end).persona];
    if (mayCrash(server)) return true;
    for (const auto& told : server.stream_ends) {
      if (told.end == server_end) return true;
    }
    for (const auto& told : server.reports) {
      if (told.end == server_end && told.report.outcome == CompilationOutcome::streamFailure) return true;
      if (told.end == server_end && !told.report.as_asked) return true;
    }
    return scriptIsSilent(server_end);
  }

  /// A VM closes after what ended its last compilation on the connection; after one that compiled it does
  /// not.
  bool clientHadReason(EndReference client_end) const {
    const EndHistory* history = judgement_.history(client_end);
    if (history == nullptr) return false;
    const RecordedEnd& client = judgement_.end(client_end);
    if (client.read.error || client.written.error) return true;
    if (history->goodbye) return true;
    if (history->exchanges.empty()) return false;
    if (history->exchanges.back().jit_dump) return true;
    const auto report = judgement_.reportOf({.end = client_end, .exchange = history->exchanges.size() - 1});
    if (!report) return false;
    return record_.vms[client.persona].reports[*report].report.result != CompilationResult::compiled;
  }

  /// A connection that no server persona ever had.
  bool serverTurnedAway(EndReference end) const {
    if (end.local == Direction::server) return true;  // a client that is none of ours
    const auto server = serverOf(judgement_.end(end).persona);
    if (!server) return true;
    const auto& rest = record_.servers[*server].rest;
    return rest && rest->refused_connections + rest->failed_handshakes + rest->dropped_handshakes != 0;
  }

  Judgement& judgement_;
  const RunRecord& record_;
};

/// The VM's connection on which a compilation broke: that of its request, or, if not even that was sent, the
/// one that ended last before the report.
std::optional<EndReference> endOf(const Judgement& judgement, std::size_t vm,
                                  const Told<CompilationReport>& told) {
  if (const auto exchange = judgement.exchangeOf(vm, told.report)) return exchange->end;
  std::optional<EndReference> found;
  std::uint64_t latest = 0;
  for (const RecordedConnection& connection : judgement.record().connections) {
    const auto& end = connection.end(Direction::client);
    if (!end || end->persona != vm || end->closed_order > told.when.order || end->closed_order < latest) {
      continue;
    }
    if (!end->written.error && end->written.rest() == 0) continue;
    latest = end->closed_order;
    found = {.connection = connection.index, .local = Direction::client};
  }
  return found;
}

void judgeFailure(Judgement& judgement, const Causes& causes, Failure failure, Direction side,
                  std::size_t persona, const std::string& what) {
  if (failure.end) noticeAt(failure, judgement.record(), judgement.end(*failure.end));
  if (causes.explain(failure, side, persona)) return;
  const std::string where =
      failure.end ? judgement.textOf(*failure.end) : judgement.persona(side, persona)->name;
  judgement.find(fmt::format("{}: {}, and nothing that was done on purpose explains it: {}", where, what,
                             failure.detail),
                 {{.end = failure.end, .order = failure.noticed.order}});
}

void judgeVM(Judgement& judgement, const Causes& causes, std::size_t index) {
  const VMRecord& vm = judgement.record().vms[index];
  if (vm.misbehaves()) return;
  for (const auto& told : vm.reports) {
    const bool terminated = told.report.result == CompilationResult::terminated;
    const bool connected = terminated && !told.report.foundNoConnection();
    if (!terminated && told.report.result != CompilationResult::local) continue;
    // Why a VM that lives as the real client compiled by itself, `attempts` knows.
    if (!terminated && vm.livesAsReal()) continue;
    Failure failure{.detail = told.report.detail, .noticed = told.when};
    if (connected) failure.end = endOf(judgement, index, told);
    judgeFailure(judgement, causes, std::move(failure), Direction::client, index,
                 fmt::format("compilation {} {}", told.report.number,
                             connected ? "was terminated" : "found no connection"));
  }
}

/// It came too late in the order of its client's requests; whether that is so, `request_order` knows.
bool wasLost(const ServerRecord& server, const Told<ServerCompilationReport>& told) {
  if (!told.report.script.empty()) return false;  // then it had its turn
  return std::ranges::any_of(server.order_events, [&](const Told<RequestOrderEvent>& event) {
    return event.report.outcome == RequestOrderEvent::Outcome::late &&
           event.report.numbers.client_uid == told.report.client_uid && event.when.order < told.when.order;
  });
}

/// It gave way to a request that told of unloaded classes.
bool gaveWay(const ServerRecord& server, const Told<ServerCompilationReport>& told) {
  if (!told.report.detail.contains("classes of its client are unloaded")) return false;
  return std::ranges::any_of(server.order_events, [&](const Told<RequestOrderEvent>& event) {
    return event.report.outcome == RequestOrderEvent::Outcome::runs && event.report.numbers.unloads &&
           event.report.numbers.client_uid == told.report.client_uid && event.when.order < told.when.order;
  });
}

void judgeServer(Judgement& judgement, const Causes& causes, std::size_t index) {
  const ServerRecord& server = judgement.record().servers[index];
  if (server.misbehaves()) return;
  for (const auto& told : server.reports) {
    const ServerCompilationReport& report = told.report;
    const bool broke = report.outcome == CompilationOutcome::streamFailure;
    // Where a recording ends because its client gave up, another client may go on.
    const bool recording_ended = report.detail.starts_with("the recording ends here");
    if ((!broke && report.as_asked) || recording_ended) continue;
    if (!broke && report.outcome != CompilationOutcome::failed) continue;
    if (wasLost(server, told) || gaveWay(server, told) || foundNoMemory(server, report)) continue;
    Failure failure{.detail = report.detail, .noticed = told.when, .end = told.end};
    judgeFailure(judgement, causes, std::move(failure), Direction::server, index,
                 fmt::format("compilation {} {}", report.number,
                             broke ? "broke" : "did not end as the script wanted"));
  }
  for (const auto& told : server.stream_ends) {
    const bool refused = mayCrash(server) && told.report.detail.contains("compilations are disabled");
    if (!told.report.failure || refused) continue;
    Failure failure{.detail = told.report.detail, .noticed = told.when, .end = told.end};
    judgeFailure(judgement, causes, std::move(failure), Direction::server, index, "the stream failed");
  }
}

void check(Judgement& judgement) {
  const Causes causes(judgement);
  for (std::size_t i = 0; i < judgement.record().vms.size(); ++i) judgeVM(judgement, causes, i);
  for (std::size_t i = 0; i < judgement.record().servers.size(); ++i) judgeServer(judgement, causes, i);
}

}  // namespace

const Checker kCauses{"causes",
                      "Whatever fails has a cause: a fault, a misbehaviour, a peer that ended or had failed "
                      "before, another version.",
                      check};

}  // namespace jitrig
