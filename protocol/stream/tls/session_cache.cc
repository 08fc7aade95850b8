#include "protocol/stream/tls/session_cache.h"

#include <algorithm>
#include <openssl/ssl.h>
#include <utility>

namespace jitrig {

SessionCache::SessionCache(Runtime& runtime, std::size_t max_sessions)
    : max_sessions_(max_sessions), mutex_(runtime.makeMutex("TLS sessions")) {}

SessionCache::~SessionCache() = default;

std::vector<SessionCache::Entry>::iterator SessionCache::entryOf(const std::string& server) {
  return std::ranges::find(entries_, server, &Entry::server);
}

OpenSslPointer<ssl_session_st> SessionCache::find(const std::string& server) {
  const Lock lock(*mutex_);
  const auto entry = entryOf(server);
  if (entry == entries_.end()) return nullptr;
  if (SSL_SESSION_get_protocol_version(entry->session.get()) >= TLS1_3_VERSION) {
    OpenSslPointer<ssl_session_st> session = std::move(entry->session);
    entries_.erase(entry);
    return session;
  }
  std::rotate(entry, entry + 1, entries_.end());
  ssl_session_st* session = entries_.back().session.get();
  SSL_SESSION_up_ref(session);
  return OpenSslPointer<ssl_session_st>(session);
}

void SessionCache::keep(const std::string& server, OpenSslPointer<ssl_session_st> session) {
  if (!enabled()) return;
  const Lock lock(*mutex_);
  if (const auto entry = entryOf(server); entry != entries_.end()) entries_.erase(entry);
  if (entries_.size() == max_sessions_) entries_.erase(entries_.begin());
  entries_.push_back({server, std::move(session)});
}

void SessionCache::forget(const std::string& server) {
  const Lock lock(*mutex_);
  if (const auto entry = entryOf(server); entry != entries_.end()) entries_.erase(entry);
}

}  // namespace jitrig
