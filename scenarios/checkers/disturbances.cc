#include "scenarios/checkers/disturbances.h"

#include <algorithm>

namespace jitrig {
namespace {

/// What the life of a persona does to a connection. That it ended by itself does nothing: it closed them
/// first.
Touched touchedBy(const PersonaRecord& persona, const RecordedConnection& connection) {
  Touched touched;
  const auto was_open = [&](std::uint64_t order) {
    return std::ranges::any_of(connection.ends, [&](const std::optional<RecordedEnd>& end) {
      return end && (end->closed_order == 0 || end->closed_order > order);
    });
  };
  for (const auto& moment : {persona.stopped, persona.killed}) {
    if (moment && was_open(moment->order)) touched.breaks_ns = std::min(touched.breaks_ns, moment->time_ns);
  }
  for (const auto& pause : persona.pauses) {
    if (was_open(pause[0].order)) touched.delays_ns = std::min(touched.delays_ns, pause[0].time_ns);
  }
  return touched;
}

/// A misbehaviour may do anything to those who deal with the persona, from the beginning.
Touched anythingIf(bool misbehaves) {
  constexpr std::int64_t kFromTheBeginning = std::numeric_limits<std::int64_t>::min();
  if (!misbehaves) return {};
  return {.breaks_ns = kFromTheBeginning, .alters_ns = kFromTheBeginning, .delays_ns = kFromTheBeginning};
}

}  // namespace

void Touched::add(const Touched& other) {
  breaks_ns = std::min(breaks_ns, other.breaks_ns);
  alters_ns = std::min(alters_ns, other.alters_ns);
  delays_ns = std::min(delays_ns, other.delays_ns);
}

std::int64_t Touched::first() const {
  return std::min({breaks_ns, alters_ns, delays_ns});
}

Disturbances::Disturbances(const RunRecord& record)
    : record_(record),
      connections_(record.connections.size()),
      vms_(record.vms.size()),
      servers_(record.servers.size()) {
  addFaults();
  addPersonas();
  spread();
}

void Disturbances::addFaults() {
  for (const RecordedFault& fault : record_.faults) {
    Touched touched;
    const std::int64_t time_ns = fault.firing.time.ns;
    // Of a port that refuses, or a server that is cut off, everybody knows, whoever set it off.
    const bool is_of_all = fault.firing.action == "refuse_connections" || fault.firing.action == "cut_off";
    if (fault.breaks || is_of_all) touched.breaks_ns = time_ns;
    if (fault.alters) touched.alters_ns = time_ns;
    if (fault.delays || fault.breaks || fault.alters) touched.delays_ns = time_ns;
    (fault.end && !is_of_all ? connections_[fault.end->connection] : everywhere_).add(touched);
  }
}

void Disturbances::addPersonas() {
  const auto add = [&](Touched& touched, const PersonaRecord& persona, const RecordedConnection& connection) {
    touched.add(touchedBy(persona, connection));
    touched.add(anythingIf(persona.misbehaves()));
  };
  for (const RecordedConnection& connection : record_.connections) {
    const auto& client = connection.end(Direction::client);
    const auto& server = connection.end(Direction::server);
    Touched& touched = connections_[connection.index];
    touched.add(everywhere_);
    if (client) add(touched, record_.vms[client->persona], connection);
    if (server) add(touched, record_.servers[server->persona], connection);
    const auto meant = client && !server ? record_.vms[client->persona].server : std::nullopt;
    if (meant) add(touched, record_.servers[*meant], connection);
  }
}

/// To the personas at both ends, and so from a server to its clients: who waits for a stalled one may lose
/// patience in turn.
void Disturbances::spread() {
  world_ = everywhere_;
  for (const RecordedConnection& connection : record_.connections) {
    const Touched& touched = connections_[connection.index];
    const auto& client = connection.end(Direction::client);
    const auto& server = connection.end(Direction::server);
    if (client) vms_[client->persona].add(touched);
    if (server) servers_[server->persona].add(touched);
    const auto meant = client && !server ? record_.vms[client->persona].server : std::nullopt;
    if (meant) servers_[*meant].add(touched);
    world_.add(touched);
  }
  for (Touched& vm : vms_) vm.add(everywhere_);
  for (std::size_t index = 0; index < servers_.size(); ++index) {
    servers_[index].add(everywhere_);
    servers_[index].add(anythingIf(record_.servers[index].misbehaves()));
    world_.add(servers_[index]);
  }
}

bool Disturbances::peerMisbehaves(EndReference end) const {
  const RecordedConnection& connection = record_.connections[end.connection];
  const auto& own = connection.end(end.local);
  const auto& peer = connection.end(otherDirection(end.local));
  if (end.local == Direction::server) return peer ? record_.vms[peer->persona].misbehaves() : true;
  if (peer) return record_.servers[peer->persona].misbehaves();
  const auto server = own ? record_.vms[own->persona].server : std::nullopt;
  return server ? record_.servers[*server].misbehaves() : false;
}

}  // namespace jitrig
