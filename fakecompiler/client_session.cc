#include "fakecompiler/client_session.h"

#include <utility>

#include "protocol/runtime/reached.h"

namespace jitrig {

ClientSessionTable::ClientSessionTable(Runtime& runtime, std::size_t max_sessions)
    : max_sessions_(max_sessions), mutex_(runtime.makeMutex("client sessions")) {}

bool ClientSessionTable::beginCompilation(std::uint64_t client_uid) {
  const Lock lock(*mutex_);
  if (sessions_.size() >= max_sessions_ && !sessions_.contains(client_uid)) forgetOldest();
  ClientSession& session = sessions_[client_uid];
  session.last_use = ++requests_;
  ++session.requests;
  ++session.compiling;
  return !std::exchange(session.session_queries_asked, true);
}

void ClientSessionTable::endCompilation(std::uint64_t client_uid) {
  const Lock lock(*mutex_);
  const auto session = sessions_.find(client_uid);
  if (session == sessions_.end()) return;
  --session->second.compiling;
  if (session->second.marked_for_deletion && session->second.compiling == 0) {
    JITRIG_REACHED("sessions: one ends with its last compilation");
    sessions_.erase(session);
  }
}

/// Sessions in use stay: there are no more of them than compilation threads.
void ClientSessionTable::forgetOldest() {
  auto oldest = sessions_.end();
  for (auto session = sessions_.begin(); session != sessions_.end(); ++session) {
    if (session->second.compiling != 0) continue;
    if (oldest == sessions_.end() || session->second.last_use < oldest->second.last_use) oldest = session;
  }
  if (oldest == sessions_.end()) return;
  JITRIG_REACHED("sessions: the longest idle one is forgotten");
  sessions_.erase(oldest);
}

bool ClientSessionTable::terminate(std::uint64_t client_uid) {
  const Lock lock(*mutex_);
  const auto session = sessions_.find(client_uid);
  if (session == sessions_.end()) {
    JITRIG_REACHED("sessions: goodbye of a client that is not known");
    return false;
  }
  session->second.marked_for_deletion = true;
  if (session->second.compiling == 0) sessions_.erase(session);
  return true;
}

std::size_t ClientSessionTable::size() const {
  const Lock lock(*mutex_);
  return sessions_.size();
}

std::optional<ClientSession> ClientSessionTable::find(std::uint64_t client_uid) const {
  const Lock lock(*mutex_);
  const auto session = sessions_.find(client_uid);
  if (session == sessions_.end()) return std::nullopt;
  return session->second;
}

}  // namespace jitrig
