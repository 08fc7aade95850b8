#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "protocol/runtime/runtime.h"

namespace jitrig {

/// What the server knows of one client, by its UID: the only identity that a client has (semantics.md,
/// section 2). Guarded by its table.
struct ClientSession {
  std::uint64_t requests = 0;
  std::uint32_t compiling = 0;  ///< compilations in progress
  std::uint64_t last_use = 0;   ///< counts the table's requests
  bool session_queries_asked = false;
  bool marked_for_deletion = false;  ///< the client said goodbye while compilations were in progress
};

/// Client UID -> session. Made by the first request of a UID, deleted by clientSessionTerminate, from
/// whichever connection, as soon as no compilation uses it. Thread-safe.
class ClientSessionTable {
 public:
  /// Any peer can name any UID: beyond this many sessions the one that was idle longest is forgotten for a
  /// new one.
  static constexpr std::size_t kMaxSessions = 10'000;

  explicit ClientSessionTable(Runtime& runtime, std::size_t max_sessions = kMaxSessions);

  /// A compilation of that client begins. True: it is to ask the session queries, since no other has.
  bool beginCompilation(std::uint64_t client_uid);
  /// Once for each beginCompilation(). Deletes the session if its client has said goodbye meanwhile.
  void endCompilation(std::uint64_t client_uid);

  /// False if there is no such session.
  bool terminate(std::uint64_t client_uid);

  std::size_t size() const;
  /// A copy, as it is now; nullopt if there is no such session.
  std::optional<ClientSession> find(std::uint64_t client_uid) const;

 private:
  void forgetOldest();

  std::size_t max_sessions_;
  std::unique_ptr<Mutex> mutex_;
  std::map<std::uint64_t, ClientSession> sessions_;
  std::uint64_t requests_ = 0;
};

/// One compilation's use of its client's session.
class ClientSessionUse {
 public:
  ClientSessionUse(ClientSessionTable& sessions, std::uint64_t client_uid)
      : sessions_(sessions), client_uid_(client_uid), first_(sessions.beginCompilation(client_uid)) {}
  ~ClientSessionUse() { sessions_.endCompilation(client_uid_); }
  ClientSessionUse(const ClientSessionUse&) = delete;
  ClientSessionUse& operator=(const ClientSessionUse&) = delete;

  /// This compilation is to ask the session queries.
  bool first() const { return first_; }

 private:
  ClientSessionTable& sessions_;
  std::uint64_t client_uid_;
  bool first_;
};

}  // namespace jitrig
