#include "fakecompiler/client_session.h"

#include <utility>
#include <vector>

#include "protocol/runtime/reached.h"

namespace jitrig {

ClientSession::ClientSession(Runtime& runtime, std::uint64_t number, std::uint32_t last_processed,
                             const RequestOrder::Listener& listener)
    : mutex_(runtime.makeMutex("client session")),
      caches_(runtime),
      class_unloading_(runtime, *mutex_),
      order_(runtime, *mutex_, number, last_processed, [this] { clear(); }, listener) {}

void ClientSession::clear() {
  caches_.clear();
  aot_.clearClasses();
}

ClientSessionTable::ClientSessionTable(Runtime& runtime, const ClientSessionLimits& limits,
                                       RequestOrder::Listener listener, std::function<bool()> in_want)
    : runtime_(runtime),
      limits_(limits),
      listener_(std::move(listener)),
      in_want_(std::move(in_want)),
      mutex_(runtime.makeMutex("client sessions")),
      next_purge_(runtime.now() + limits.purge_interval) {}

ClientSessionTable::~ClientSessionTable() = default;

ClientSessionTable::Found ClientSessionTable::beginCompilation(const RequestNumbers& numbers) {
  const Duration max_idle = maxIdle(runtime_.now());
  const Lock lock(*mutex_);
  const Instant now = runtime_.now();
  if (now >= next_purge_.load(std::memory_order_relaxed)) purge(now, max_idle);
  auto found = sessions_.find(numbers.client_uid);
  const bool created = found == sessions_.end();
  if (created) {
    if (sessions_.size() >= limits_.max_sessions) forgetOldest();
    auto session = std::make_shared<ClientSession>(runtime_, ++created_, numbers.critical_number, listener_);
    if (stopped_) session->order().stop();
    found = sessions_.emplace(numbers.client_uid, Entry{{}, std::move(session)}).first;
    found->second.state.number = created_;
  }
  Entry& entry = found->second;
  entry.state.last_use = now;
  entry.state.last_request = ++requests_;
  ++entry.state.requests;
  ++entry.state.compiling;
  ++compiling_;
  return {.session = *entry.session, .created = created};
}

void ClientSessionTable::endCompilation(std::uint64_t client_uid) {
  const Lock lock(*mutex_);
  const auto session = sessions_.find(client_uid);
  if (session == sessions_.end()) return;
  ClientSessionState& state = session->second.state;
  --state.compiling;
  --compiling_;
  state.last_use = runtime_.now();
  if (state.marked_for_deletion && state.compiling == 0) {
    JITRIG_REACHED("sessions: one ends with its last compilation");
    sessions_.erase(session);
  }
}

/// How long a session may be idle at a purge. Not under the lock: who knows of memory may ask how many
/// sessions there are.
Duration ClientSessionTable::maxIdle(Instant now) const {
  const bool in_want = now >= next_purge_.load(std::memory_order_relaxed) && in_want_ && in_want_();
  return in_want ? limits_.max_idle_in_want : limits_.max_idle;
}

void ClientSessionTable::purge(Instant now, Duration max_idle) {
  next_purge_ = now + limits_.purge_interval;
  purged_ += std::erase_if(sessions_, [&](const auto& each) {
    const ClientSessionState& state = each.second.state;
    const bool old = state.compiling == 0 && state.last_use + max_idle <= now;
    if (old) JITRIG_REACHED("sessions: one is purged");
    return old;
  });
}

/// Sessions in use stay: there are no more of them than compilation threads.
void ClientSessionTable::forgetOldest() {
  auto oldest = sessions_.end();
  for (auto session = sessions_.begin(); session != sessions_.end(); ++session) {
    const ClientSessionState& state = session->second.state;
    if (state.compiling != 0) continue;
    if (oldest == sessions_.end() || state.last_request < oldest->second.state.last_request) oldest = session;
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
  session->second.state.marked_for_deletion = true;
  if (session->second.state.compiling == 0) sessions_.erase(session);
  return true;
}

void ClientSessionTable::stop() {
  std::vector<std::shared_ptr<ClientSession>> sessions;
  {
    const Lock lock(*mutex_);
    stopped_ = true;
    for (const auto& [client_uid, entry] : sessions_) sessions.push_back(entry.session);
  }
  for (const auto& session : sessions) session->order().stop();
}

std::size_t ClientSessionTable::size() const {
  const Lock lock(*mutex_);
  return sessions_.size();
}

std::size_t ClientSessionTable::compiling() const {
  const Lock lock(*mutex_);
  return compiling_;
}

std::uint64_t ClientSessionTable::purged() const {
  const Lock lock(*mutex_);
  return purged_;
}

std::optional<ClientSessionState> ClientSessionTable::find(std::uint64_t client_uid) const {
  const Lock lock(*mutex_);
  const auto session = sessions_.find(client_uid);
  if (session == sessions_.end()) return std::nullopt;
  return session->second.state;
}

std::optional<SessionCaches::Contents> ClientSessionTable::caches(std::uint64_t client_uid) const {
  std::shared_ptr<ClientSession> session;
  {
    const Lock lock(*mutex_);
    const auto found = sessions_.find(client_uid);
    if (found == sessions_.end()) return std::nullopt;
    session = found->second.session;
  }
  const Lock lock(session->mutex());
  return session->caches().contents();
}

}  // namespace jitrig
