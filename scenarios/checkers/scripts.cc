#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <string_view>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// Asked first in a new session, before the script begins (semantics.md, section 3).
constexpr std::string_view kSessionQueries[] = {"getUnloadedClassRangesAndCHTable", "VM_getVMInfo"};

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
              const Exchange& exchange, const RecordedEnd& end) {
  const auto matches = [&](std::span<const std::uint16_t> types) {
    return std::ranges::equal(types, outline.queries);
  };
  if (!matches(asked) && !matches(asked.subspan(of_session))) return false;
  if (outline.end != ScriptEnd::Kind::message) return true;
  return exchange.final_message && end.written.frames[*exchange.final_message].type == outline.end_type;
}

void checkReport(Judgement& judgement, const ServerRecord& server, const ServerCompilationReport& report,
                 ExchangeReference reference) {
  const Exchange& exchange = judgement.exchange(reference);
  const RecordedEnd& end = judgement.end(reference.end);
  const std::vector<std::uint16_t> asked = typesAsked(end, exchange);
  const std::size_t of_session = sessionQueriesIn(asked, *server.dialect);
  const bool played = std::ranges::any_of(server.script, [&](const ScriptOutline& outline) {
    return outline.name == report.script && isPlayed(outline, asked, of_session, exchange, end);
  });
  if (played) return;
  judgement.find(
      fmt::format("{}: asked {} queries and ended it {}, which is no compilation \"{}\" of the script",
                  judgement.textOf(reference), asked.size(), toString(report.outcome), report.script),
      {{.end = reference.end, .order = exchange.last_order}});
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    const ServerRecord& server = record.servers[i];
    if (server.misbehaves() || server.script.empty() || !server.dialect) continue;
    for (std::size_t report = 0; report < server.reports.size(); ++report) {
      const ServerCompilationReport& told = server.reports[report].report;
      const bool ended =
          told.outcome == CompilationOutcome::compiled || told.outcome == CompilationOutcome::failed;
      const auto reference = judgement.exchangeOf(i, report);
      if (reference && ended && told.as_asked) checkReport(judgement, server, told, *reference);
    }
  }
}

}  // namespace

const Checker kScripts{"scripts", "A server asks what its script says, in that order, and ends as it says.",
                       check};

}  // namespace jitrig
