#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <span>
#include <string_view>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// Asked first, before the script begins, in a new session (semantics.md, section 3), and for the AOT cache.
constexpr std::string_view kSessionQueries[] = {"getUnloadedClassRangesAndCHTable", "VM_getVMInfo",
                                                "AOTCache_getROMClassBatch",
                                                "get_params_to_construct_TR_j9method"};

std::vector<std::uint16_t> typesAsked(const RecordedEnd& end, const Exchange& exchange) {
  std::vector<std::uint16_t> types;
  types.reserve(exchange.questions.size());
  for (const Question& question : exchange.questions)
    types.push_back(end.written.frames[question.query].type);
  return types;
}

/// The queries of the session, as far as they stand at the beginning.
std::size_t sessionQueriesIn(std::span<const std::uint16_t> asked, const Dialect& dialect) {
  std::size_t count = 0;
  for (const std::string_view name : kSessionQueries) {
    const auto type = dialect.table->numberOf(name);
    if (type && count < asked.size() && asked[count] == *type) ++count;
  }
  return count;
}

bool isPlayed(const ScriptOutline& outline, std::span<const std::uint16_t> asked, std::size_t of_session,
              const Exchange& exchange, const RecordedEnd& end, const Dialect& dialect) {
  const auto matches = [&](std::span<const std::uint16_t> types) {
    return std::ranges::equal(types, outline.queries);
  };
  // A script may begin with the same questions.
  const bool matches_behind_session = [&] {
    for (std::size_t asked_first = 0; asked_first <= of_session; ++asked_first) {
      if (matches(asked.subspan(asked_first))) return true;
    }
    return false;
  }();
  if (!matches_behind_session) return false;
  // Who closes reads no more, not even the client's end.
  if (outline.end == ScriptEnd::Kind::close) return !end.read.error;
  if (outline.end != ScriptEnd::Kind::message) return true;
  if (!exchange.final_message) return false;
  const std::uint16_t type = end.written.frames[*exchange.final_message].type;
  // Code that was stored has another form.
  const bool is_stored = outline.end_type == dialect.compilation_code &&
                         type == dialect.table->numberOf("AOTCache_storedAOTMethod");
  return type == outline.end_type || is_stored;
}

/// From the AOT cache, or since there is none.
bool endsWithoutScript(const ServerCompilationReport& report) {
  return report.aot && (report.aot->outcome == AOTServing::Outcome::hit ||
                        report.aot->outcome == AOTServing::Outcome::refused);
}

void checkReport(Judgement& judgement, const ServerRecord& server, const ServerCompilationReport& report,
                 ExchangeReference reference) {
  const Exchange& exchange = judgement.exchange(reference);
  const RecordedEnd& end = judgement.end(reference.end);
  const std::vector<std::uint16_t> asked = typesAsked(end, exchange);
  const std::size_t of_session = sessionQueriesIn(asked, *server.dialect);
  const bool played = std::ranges::any_of(server.script, [&](const ScriptOutline& outline) {
    return outline.name == report.script &&
           isPlayed(outline, asked, of_session, exchange, end, *server.dialect);
  });
  if (played) return;
  judgement.find(
      fmt::format("{}: asked {} queries and ended it {}, which is no compilation \"{}\" of the script",
                  judgement.textOf(reference), asked.size(), toString(report.outcome), report.script),
      {{.end = reference.end, .order = exchange.last_order}});
}

/// What an interruption or a broken stream ends is as asked only where the recording ended so.
bool endsByTheClient(const ServerRecord& server, const ServerCompilationReport& report) {
  return std::ranges::any_of(server.script, [&](const ScriptOutline& outline) {
    return outline.name == report.script && outline.end == ScriptEnd::Kind::recordedClientStops;
  });
}

/// A report that says that it went as the script wanted, or did not.
void checkAsAsked(Judgement& judgement, const ServerRecord& server, const ServerCompilationReport& report,
                  std::size_t index) {
  const bool ended =
      report.outcome == CompilationOutcome::compiled || report.outcome == CompilationOutcome::failed;
  const bool wrong = report.as_asked ? !ended && !endsByTheClient(server, report)
                                     : report.outcome == CompilationOutcome::compiled;
  if (!wrong) return;
  judgement.find(fmt::format("{}: compilation {} is {}, which is reported {} the script wanted", server.name,
                             report.number, toString(report.outcome), report.as_asked ? "as" : "not as"),
                 {{.server = index}});
}

/// A script that is for no particular requests is dealt out in turn.
void checkTurns(Judgement& judgement, const ServerRecord& server, std::size_t index) {
  // One that was killed may have begun more than it reports.
  if (!server.summary || server.killed || std::ranges::any_of(server.script, &ScriptOutline::for_one_request))
    return;
  std::map<std::string_view, std::uint64_t> played;
  std::uint64_t all = 0;
  for (const auto& told : server.reports) {
    if (told.report.script.empty()) continue;
    ++played[told.report.script];
    ++all;
  }
  const std::size_t size = server.script.size();
  std::map<std::string_view, std::uint64_t> due;
  for (std::size_t i = 0; i < size; ++i) due[server.script[i].name] += (all + size - 1 - i) / size;
  for (const auto& [name, times] : due) {
    if (played[name] == times) continue;
    judgement.find(fmt::format("{}: compilation \"{}\" of the script was played {} times of {}, expected {}",
                               server.name, name, played[name], all, times),
                   {{.server = index}});
  }
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    const ServerRecord& server = record.servers[i];
    if (server.misbehaves() || server.script.empty() || !server.dialect) continue;
    for (std::size_t report = 0; report < server.reports.size(); ++report) {
      const ServerCompilationReport& told = server.reports[report].report;
      checkAsAsked(judgement, server, told, i);
      const bool ended =
          told.outcome == CompilationOutcome::compiled || told.outcome == CompilationOutcome::failed;
      const auto reference = judgement.exchangeOf(i, report);
      if (reference && ended && told.as_asked && !endsWithoutScript(told))
        checkReport(judgement, server, told, *reference);
    }
    checkTurns(judgement, server, i);
  }
}

}  // namespace

const Checker kScripts{"scripts",
                       "A server asks what its script says, in that order, ends as it says, and deals its "
                       "compilations out in turn.",
                       check};

}  // namespace jitrig
