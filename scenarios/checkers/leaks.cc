#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

bool isOpenAt(const RecordedEnd& end, std::uint64_t order) {
  return end.opened_order < order && (end.closed_order == 0 || end.closed_order > order);
}

/// A connection that its client has closed. A server does not notice where a fault keeps it from that.
void checkRest(Judgement& judgement, const ServerRecord& server, std::size_t index) {
  std::size_t explained = 0;
  for (const RecordedConnection& connection : judgement.record().connections) {
    const auto& end = connection.end(Direction::server);
    if (!end || end->persona != index || !isOpenAt(*end, server.rest->when.order)) continue;
    const auto& client = connection.end(Direction::client);
    const bool client_open = client && isOpenAt(*client, server.rest->when.order);
    if (client_open || !client ||
        judgement.disturbances().connection(connection.index).first() != Touched::kUntouched) {
      ++explained;
      continue;
    }
    judgement.find(fmt::format("{}: still open when all clients had gone",
                               judgement.textOf(
                                   EndReference{.connection = connection.index, .local = Direction::server})),
                   {{.end = EndReference{.connection = connection.index, .local = Direction::server}}});
  }
  if (server.rest->parked_streams > explained) {
    judgement.find(fmt::format("{}: {} streams are parked, and {} connections may be open", server.name,
                               server.rest->parked_streams, explained),
                   {{.server = index}});
  }
  if (server.rest->open_connections > explained) {
    judgement.find(fmt::format("{}: its listener counts {} open connections, and {} may be open", server.name,
                               server.rest->open_connections, explained),
                   {{.server = index}});
  }
}

/// A server that turns connections away has as many as it bears.
void checkRefused(Judgement& judgement, const ServerRecord& server, std::size_t index) {
  if (server.rest->refused_connections == 0 || server.max_open_connections == 0) return;
  std::vector<std::pair<std::uint64_t, std::int64_t>> changes;  // order, how many more are open
  for (const RecordedConnection& connection : judgement.record().connections) {
    const auto& end = connection.end(Direction::server);
    if (!end || end->persona != index) continue;
    changes.emplace_back(end->opened_order, 1);
    if (end->closed_order != 0) changes.emplace_back(end->closed_order, -1);
  }
  std::ranges::sort(changes);
  std::int64_t open = 0;
  std::int64_t most = 0;
  for (const auto& [order, more] : changes) most = std::max(most, open += more);
  if (static_cast<std::uint64_t>(most) >= server.max_open_connections) return;
  judgement.find(
      fmt::format("{}: {} connections were refused, but of {} that it may have at most {} were open",
                  server.name, server.rest->refused_connections, server.max_open_connections, most),
      {{.server = index}});
}

void compare(Judgement& judgement, std::string_view what, std::optional<std::uint64_t> begin,
             std::optional<std::uint64_t> end) {
  if (!begin || !end || *begin == *end) return;
  judgement.find(fmt::format("{}: {} at the end, {} at the beginning", what, *end, *begin));
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.servers.size(); ++i) {
    if (!record.servers[i].rest || record.servers[i].misbehaves()) continue;
    checkRest(judgement, record.servers[i], i);
    checkRefused(judgement, record.servers[i], i);
  }
  for (const RecordedConnection& connection : record.connections) {
    for (const Direction local : {Direction::client, Direction::server}) {
      const auto& end = connection.end(local);
      if (!end || !end->isOpen()) continue;
      const EndReference reference{.connection = connection.index, .local = local};
      judgement.find(fmt::format("{}: was never closed", judgement.textOf(reference)), {{.end = reference}});
    }
  }
  compare(judgement, "tasks", record.at_begin.tasks, record.at_end.tasks);
  compare(judgement, "connections", record.at_begin.connections, record.at_end.connections);
  compare(judgement, "descriptors", record.at_begin.descriptors, record.at_end.descriptors);
  compare(judgement, "buffered bytes", record.at_begin.buffered_bytes, record.at_end.buffered_bytes);
}

}  // namespace

const Checker kLeaks{
    "leaks", "Nothing is left over: connections, parked streams, tasks, descriptors, buffered bytes.", check};

}  // namespace jitrig
