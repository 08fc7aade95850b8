#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

FullVersion versionOf(const RecordedFrame& frame) {
  return {frame.version, frame.config};
}

/// An answer with which the server said that it had checked the version, and that it was right.
bool confirms(const RecordedEnd& client, const RecordedFrame& answer, const Dialect& dialect) {
  if (answer.type != dialect.compilation_failure) return true;
  const auto status = firstUInt32(client.read, answer);
  return !status ||
         (*status != dialect.status_version_incompatible && *status != dialect.status_message_type_mismatch);
}

void checkClient(Judgement& judgement, const EndHistory& history, const Dialect& dialect) {
  const RecordedEnd& end = judgement.end(history.end);
  bool confirmed = false;
  for (std::size_t i = 0; i < history.exchanges.size(); ++i) {
    const Exchange& exchange = history.exchanges[i];
    const RecordedFrame& request = end.written.frames[exchange.request];
    const FullVersion expected = confirmed ? FullVersion{} : dialect.announced;
    if (!(versionOf(request) == expected)) {
      judgement.find(
          fmt::format("{}: version 0x{:08x}, configuration 0x{:x}, expected 0x{:08x} and 0x{:x}, because the "
                      "server {} confirmed it",
                      judgement.textOf(ExchangeReference{.end = history.end, .exchange = i}), request.version,
                      request.config, expected.version, expected.config, confirmed ? "has" : "has not"),
          {{.end = history.end, .order = request.order}});
    }
    if (exchange.final_message) {
      confirmed = confirmed || confirms(end, end.read.frames[*exchange.final_message], dialect);
    }
  }
}

/// Only requests carry the two words.
void checkOthers(Judgement& judgement, const EndHistory& history, const Dialect& dialect) {
  const RecordedEnd& end = judgement.end(history.end);
  for (std::size_t i = 0; i < end.written.frames.size(); ++i) {
    const RecordedFrame& frame = end.written.frames[i];
    if (frame.type == dialect.compilation_request || versionOf(frame) == FullVersion{}) continue;
    judgement.find(fmt::format("{}: only a compilationRequest carries a version",
                               judgement.textOf(history.end, history.end.local, i)),
                   {{.end = history.end, .order = frame.order}});
  }
}

/// A server that refuses a version says so, with the status that its release has for it.
void checkServer(Judgement& judgement, const EndHistory& history, const Dialect& dialect) {
  if (!history.refused || history.out_of_step) return;
  const RecordedEnd& end = judgement.end(history.end);
  if (end.written.frames.empty()) return;
  const RecordedFrame& answer = end.written.frames.back();
  if (answer.type != dialect.compilation_failure) return;   // alternation says so
  if (answer.order < end.read.frames.back().order) return;  // it ended what was before
  const auto status = firstUInt32(end.written, answer);
  if (status == dialect.status_version_incompatible) return;
  judgement.find(
      fmt::format("{}: status {} for a client of another version, expected {}", judgement.textOf(history.end),
                  status.value_or(0), dialect.status_version_incompatible),
      {{.end = history.end, .order = answer.order}});
}

void check(Judgement& judgement) {
  for (const EndHistory& history : judgement.histories()) {
    const RecordedEnd& end = judgement.end(history.end);
    if (!judgement.isJudged(end)) continue;
    const Dialect& dialect = *judgement.personaOf(end).dialect;
    if (history.end.local == Direction::client) {
      checkClient(judgement, history, dialect);
    } else {
      checkServer(judgement, history, dialect);
    }
    checkOthers(judgement, history, dialect);
  }
}

}  // namespace

const Checker kVersions{
    "versions",
    "A client sends its version until the server has confirmed it, then no more; a server "
    "refuses another one in the right words.",
    check, false};

}  // namespace jitrig
