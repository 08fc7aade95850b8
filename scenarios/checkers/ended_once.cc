#include <fmt/format.h>
#include <map>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/crashes.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

bool isTheEnd(const CompilationReport& report) {
  return !report.tried_again;
}
bool isTheEnd(const ServerCompilationReport&) {
  return true;
}

/// Numbers from 0, each once; without gaps below `count`, if it is given.
template <class Reports>
void checkNumbers(Judgement& judgement, const PersonaRecord& persona, const Reports& reports,
                  std::optional<std::uint64_t> count, const Concerned& who) {
  std::map<std::uint64_t, std::uint64_t> times;
  for (const auto& told : reports) {
    if (isTheEnd(told.report)) ++times[told.report.number];
  }
  for (const auto& [number, reported] : times) {
    if (reported > 1) {
      judgement.find(
          fmt::format("{} reported compilation {} {} times, expected once", persona.name, number, reported),
          {who});
    }
    if (count && number >= *count) {
      judgement.find(
          fmt::format("{} reported compilation {}, but there are only {}", persona.name, number, *count),
          {who});
    }
  }
  for (std::uint64_t number = 0; count && number < *count; ++number) {
    if (times.contains(number)) continue;
    judgement.find(fmt::format("{} never reported how compilation {} ended", persona.name, number), {who});
  }
}

/// A request that a persona has written, or taken, and that it never told the end of.
void checkExchanges(Judgement& judgement, const EndHistory& history) {
  const RecordedEnd& end = judgement.end(history.end);
  const PersonaRecord& persona = judgement.personaOf(end);
  for (std::size_t i = 0; i < history.exchanges.size(); ++i) {
    const ExchangeReference reference{.end = history.end, .exchange = i};
    if (judgement.reportOf(reference) || history.exchanges[i].jit_dump) continue;
    // The last one may have been refused by the stream, or cut off by the server's end.
    const bool last = i + 1 == history.exchanges.size();
    const bool silent = last && history.exchanges[i].questions.empty();
    const bool refused =
        history.end.local == Direction::server && silent && mayCrash(judgement.record().servers[end.persona]);
    if (history.end.local == Direction::server && silent && !history.exchanges[i].final_message) continue;
    if (refused) continue;
    if (history.end.local == Direction::client && !history.exchanges[i].identity) continue;
    judgement.find(
        fmt::format("{}: {} never reported how it ended", judgement.textOf(reference), persona.name),
        {{.end = history.end, .order = history.exchanges[i].last_order}});
  }
}

/// What a persona was doing when it was told to end, it need not report.
bool endedBeforeItsPersona(const Judgement& judgement, const RecordedEnd& end) {
  const PersonaRecord& persona = judgement.personaOf(end);
  if (persona.killed) return false;
  return !persona.stopped || (end.closed_order != 0 && end.closed_order < persona.stopped->order);
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.vms.size(); ++i) {
    const VMRecord& vm = record.vms[i];
    if (vm.misbehaves() || !vm.summary) continue;
    const bool all = !vm.stopped && !vm.killed && !vm.may_give_up && !vm.open_ended;
    checkNumbers(judgement, vm, vm.reports, all ? std::optional(vm.compilations) : std::nullopt, {.vm = i});
  }
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    const ServerRecord& server = record.servers[i];
    if (server.misbehaves() || !server.summary) continue;
    checkNumbers(judgement, server, server.reports, server.reports.size(), {.server = i});
  }
  for (const EndHistory& history : judgement.histories()) {
    const RecordedEnd& end = judgement.end(history.end);
    if (judgement.isJudged(end) && endedBeforeItsPersona(judgement, end)) checkExchanges(judgement, history);
  }
}

}  // namespace

const Checker kEndedOnce{"ended_once",
                         "Each compilation of a VM ends exactly once, and each request that a server takes "
                         "is reported exactly once.",
                         check};

}  // namespace jitrig
