#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// Asked while the caches are empty, when there is nothing to rely on.
constexpr std::string_view kTableQuery = "getUnloadedClassRangesAndCHTable";

/// A request that told of unloaded classes, whose purge was done then.
struct Purge {
  std::uint64_t client_uid = 0;
  std::uint32_t sequence_number = 0;
  std::uint64_t order = 0;
};

std::vector<Purge> purgesOf(const ServerRecord& server) {
  std::vector<Purge> purges;
  for (const auto& told : server.order_events) {
    const RequestOrderEvent& event = told.report;
    if (event.kind != RequestOrderEvent::Kind::published || !event.numbers.unloads) continue;
    purges.push_back({.client_uid = event.numbers.client_uid,
                      .sequence_number = event.numbers.sequence_number,
                      .order = told.when.order});
  }
  return purges;
}

/// One that asked before the purge, and asks again behind it, has worked with classes that are gone.
bool outlives(const Purge& purge, const Exchange& exchange, const RecordedEnd& end,
              std::optional<std::uint16_t> table_query) {
  bool asked_before = false;
  bool asks_behind = false;
  for (const Question& question : exchange.questions) {
    const RecordedFrame& frame = end.written.frames[question.query];
    if (frame.type == table_query) continue;
    (frame.order < purge.order ? asked_before : asks_behind) = true;
  }
  return asked_before && asks_behind;
}

void checkServer(Judgement& judgement, std::size_t index) {
  const ServerRecord& server = judgement.record().servers[index];
  const std::vector<Purge> purges = purgesOf(server);
  if (purges.empty()) return;
  const auto table_query = server.dialect->table->numberOf(kTableQuery);
  for (const EndHistory& history : judgement.histories()) {
    const RecordedEnd& end = judgement.end(history.end);
    if (history.end.local != Direction::server || end.persona != index) continue;
    for (std::size_t i = 0; i < history.exchanges.size(); ++i) {
      const Exchange& exchange = history.exchanges[i];
      const auto outlived = std::ranges::find_if(purges, [&](const Purge& purge) {
        return exchange.identity && exchange.identity->client_uid == purge.client_uid &&
               exchange.identity->sequence_number != purge.sequence_number &&
               outlives(purge, exchange, end, table_query);
      });
      if (outlived == purges.end()) continue;
      judgement.find(
          fmt::format("{}: goes on asking, although request {} has had classes purged meanwhile",
                      judgement.textOf({.end = history.end, .exchange = i}), outlived->sequence_number),
          {{.end = history.end, .order = outlived->order}});
    }
  }
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    if (!record.servers[i].misbehaves() && record.servers[i].dialect) checkServer(judgement, i);
  }
}

}  // namespace

const Checker kClassUnloading{
    "class_unloading",
    "No compilation goes on asking behind a purge of its client's classes that came in its middle.", check};

}  // namespace jitrig
