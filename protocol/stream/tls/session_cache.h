#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/tls/open_ssl_pointers.h"

namespace jitrig {

/// A client's sessions for resumption, the newest one of each server; the server used longest ago is
/// forgotten first. From any task. Its lock is a Runtime's, so it must not be called from inside OpenSSL.
class SessionCache {
 public:
  SessionCache(Runtime& runtime, std::size_t max_sessions);
  SessionCache(const SessionCache&) = delete;
  SessionCache& operator=(const SessionCache&) = delete;
  ~SessionCache();

  bool enabled() const { return max_sessions_ != 0; }

  /// The session to offer to the server; nullptr if there is none. One of TLS 1.3 is good for one connection
  /// (RFC 8446, C.4), so that it is no longer kept.
  OpenSslPointer<ssl_session_st> find(const std::string& server);
  void keep(const std::string& server, OpenSslPointer<ssl_session_st> session);
  /// After a handshake that failed with it.
  void forget(const std::string& server);

 private:
  struct Entry {
    std::string server;
    OpenSslPointer<ssl_session_st> session;
  };
  std::vector<Entry>::iterator entryOf(const std::string& server);

  const std::size_t max_sessions_;
  std::unique_ptr<Mutex> mutex_;
  std::vector<Entry> entries_;  ///< used longest ago first
};

}  // namespace jitrig
