#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// Until when the end of a stream has to be told: what is open when a server is told to stop just goes.
std::optional<std::uint64_t> toldUntil(const ServerRecord& server) {
  if (server.rest) return server.rest->when.order;
  if (server.stopped) return server.stopped->order;
  return std::nullopt;
}

/// How often somebody was told that the stream had ended.
struct Endings {
  std::size_t by_stream = 0;    ///< onStreamEnd
  bool by_compilation = false;  ///< the last compilation took it along
};

Endings endingsOf(const Judgement& judgement, const ServerRecord& server, const EndHistory& history) {
  Endings endings;
  for (const auto& told : server.stream_ends) endings.by_stream += told.end == history.end ? 1U : 0U;
  if (history.exchanges.empty()) return endings;
  for (const auto& told : server.jit_dumps) {
    if (told.end == history.end && told.report.outcome == CompilationOutcome::streamFailure)
      endings.by_compilation = true;
  }
  const auto report = judgement.reportOf({.end = history.end, .exchange = history.exchanges.size() - 1});
  if (!report) return endings;
  const ServerCompilationReport& last = server.reports[*report].report;
  // A script that closes, or a client out of step, ends a compilation as failed, and the stream with it.
  endings.by_compilation =
      last.outcome == CompilationOutcome::streamFailure || (last.outcome == CompilationOutcome::failed);
  return endings;
}

void checkEnd(Judgement& judgement, const ServerRecord& server, const EndHistory& history) {
  const RecordedEnd& end = judgement.end(history.end);
  const Endings endings = endingsOf(judgement, server, history);
  if (endings.by_stream > 1) {
    judgement.find(
        fmt::format("{}: its end was reported {} times", judgement.textOf(history.end), endings.by_stream),
        {{.end = history.end}});
  }
  const auto until = toldUntil(server);
  const bool in_time = until && end.closed_order != 0 && end.closed_order < *until;
  if (in_time && endings.by_stream == 0 && !endings.by_compilation && end.cancelled_order == 0) {
    judgement.find(fmt::format("{}: was closed, and nobody was told", judgement.textOf(history.end)),
                   {{.end = history.end, .order = end.closed_order}});
  }
}

/// A client that closes between two messages does nothing wrong, and neither does a server that is told to
/// stop; whatever else ends a stream is a failure.
void checkFailures(Judgement& judgement, const ServerRecord& server) {
  for (const auto& told : server.stream_ends) {
    if (!told.end) continue;
    const RecordedEnd& end = judgement.end(*told.end);
    const EndHistory* history = judgement.history(*told.end);
    // Behind a goodbye, and behind what was refused, nobody reads.
    if (!end.read.error || history == nullptr || history->goodbye || history->refused) continue;
    const NetErrc code = end.read.error->code;
    const bool is_orderly =
        code == NetErrc::cancelled || (code == NetErrc::endOfFile && end.read.rest() == 0);
    if (told.report.failure != is_orderly) continue;
    judgement.find(fmt::format("{}: its end is reported as {}, although it came {}",
                               judgement.textOf(*told.end), is_orderly ? "a failure" : "no failure",
                               is_orderly ? "between two messages" : "with an error"),
                   {{.end = *told.end, .order = end.read.error->order}});
  }
}

/// Whoever it is that says goodbye, and whether the server has heard of its session: it is none.
bool isGoodGoodbye(const Judgement& judgement, const EndHistory& history) {
  if (!history.goodbye || history.refused || judgement.disturbances().peerMisbehaves(history.end))
    return false;
  const RecordedEnd& end = judgement.end(history.end);
  const RecordedFrame& frame = end.read.frames[*history.goodbye];
  const RecordedEnd* peer = judgement.peer(history.end);
  const PersonaRecord* client = peer == nullptr ? nullptr : &judgement.personaOf(*peer);
  const PersonaRecord& server = judgement.personaOf(end);
  // The numbers of messages move from release to release.
  if (client == nullptr || !client->dialect || !server.dialect) return false;
  if (client->dialect->table->release().name != server.dialect->table->release().name) return false;
  return !judgement.disturbances().connection(history.end.connection).altersBy(frame.time_ns);
}

void checkGoodbyes(Judgement& judgement, const ServerRecord& server) {
  for (const auto& told : server.stream_ends) {
    if (!told.end || !told.report.failure) continue;
    const EndHistory* history = judgement.history(*told.end);
    if (history == nullptr || !isGoodGoodbye(judgement, *history)) continue;
    const RecordedEnd& end = judgement.end(*told.end);
    if (end.read.frames[*history->goodbye].order > told.when.order) continue;
    judgement.find(fmt::format("{}: its end is reported as a failure, although the client said goodbye",
                               judgement.textOf(*told.end)),
                   {{.end = *told.end, .order = told.when.order}});
  }
}

void check(Judgement& judgement) {
  for (const ServerRecord& server : judgement.record().servers) {
    if (server.misbehaves() || server.killed) continue;
    checkFailures(judgement, server);
    checkGoodbyes(judgement, server);
  }
  for (const EndHistory& history : judgement.histories()) {
    if (history.end.local != Direction::server) continue;
    const ServerRecord& server = judgement.record().servers[judgement.end(history.end).persona];
    if (!server.misbehaves() && !server.killed) checkEnd(judgement, server, history);
  }
}

}  // namespace

const Checker kStreamEnds{"stream_ends",
                          "The end of each stream is reported once by the server, as its own or as that of a "
                          "compilation, and as a failure only if it is one.",
                          check};

}  // namespace jitrig
