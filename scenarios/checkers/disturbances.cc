#include "scenarios/checkers/disturbances.h"

#include <algorithm>

namespace jitrig {
namespace {

/// What the life of a persona does to its connections. That it ended by itself does nothing: it closed them
/// first.
Touched touchedBy(const PersonaRecord& persona) {
  Touched touched;
  if (persona.stopped) touched.breaks_ns = persona.stopped->time_ns;
  if (persona.killed) touched.breaks_ns = std::min(touched.breaks_ns, persona.killed->time_ns);
  for (const auto& pause : persona.pauses) {
    touched.delays_ns = std::min(touched.delays_ns, pause[0].time_ns);
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
    if (fault.breaks) touched.breaks_ns = time_ns;
    if (fault.alters) touched.alters_ns = time_ns;
    if (fault.delays || fault.breaks || fault.alters) touched.delays_ns = time_ns;
    (fault.end ? connections_[fault.end->connection] : everywhere_).add(touched);
  }
}

void Disturbances::addPersonas() {
  for (const RecordedConnection& connection : record_.connections) {
    const auto& client = connection.end(Direction::client);
    const auto& server = connection.end(Direction::server);
    Touched& touched = connections_[connection.index];
    if (client) {
      touched.add(touchedBy(record_.vms[client->persona]));
      touched.add(anythingIf(record_.vms[client->persona].misbehaves()));
      const auto its_server = record_.vms[client->persona].server;
      if (!server && its_server) {
        touched.add(touchedBy(record_.servers[*its_server]));
        touched.add(anythingIf(record_.servers[*its_server].misbehaves()));
      }
    }
    if (server) {
      touched.add(touchedBy(record_.servers[server->persona]));
      touched.add(anythingIf(record_.servers[server->persona].misbehaves()));
    }
    touched.add(everywhere_);
  }
}

/// To the personas at both ends, and from a server to its clients: who waits for a stalled one may lose
/// patience in turn.
void Disturbances::spread() {
  world_ = everywhere_;
  for (const RecordedConnection& connection : record_.connections) {
    const Touched& touched = connections_[connection.index];
    const auto& client = connection.end(Direction::client);
    const auto& server = connection.end(Direction::server);
    if (client) vms_[client->persona].add(touched);
    if (server) servers_[server->persona].add(touched);
    if (client && !server && record_.vms[client->persona].server) {
      servers_[*record_.vms[client->persona].server].add(touched);
    }
    world_.add(touched);
  }
  for (std::size_t index = 0; index < vms_.size(); ++index) {
    vms_[index].add(everywhere_);
    vms_[index].add(touchedBy(record_.vms[index]));
    world_.add(vms_[index]);
  }
  for (std::size_t index = 0; index < servers_.size(); ++index) {
    servers_[index].add(everywhere_);
    servers_[index].add(touchedBy(record_.servers[index]));
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
