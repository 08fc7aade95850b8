#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "fakecompiler/aot_session.h"
#include "fakecompiler/class_unloading.h"
#include "fakecompiler/request_order.h"
#include "fakecompiler/session_caches.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// What the server has of one client, by its UID: the only identity that a client has (semantics.md,
/// section 2). Lives in its table, at least as long as a ClientSessionUse of it.
class ClientSession {
 public:
  ClientSession(Runtime& runtime, std::uint64_t number, std::uint32_t last_processed,
                const RequestOrder::Listener& listener);

  RequestOrder& order() { return order_; }  ///< of this client's requests; locks by itself
  /// With mutex() locked.
  SessionCaches& caches() { return caches_; }
  AOTSession& aot() { return aot_; }
  Mutex& mutex() { return *mutex_; }
  ClassUnloading& classUnloading() { return class_unloading_; }  ///< locks by itself

 private:
  std::unique_ptr<Mutex> mutex_;
  SessionCaches caches_;
  AOTSession aot_;
  ClassUnloading class_unloading_;
  RequestOrder order_;

  void clear();
};

/// A session as it stands in the table.
struct ClientSessionState {
  std::uint64_t number = 0;  ///< the table's n-th, from 1
  std::uint64_t requests = 0;
  std::uint32_t compiling = 0;  ///< compilations in progress
  Instant last_use;
  std::uint64_t last_request = 0;    ///< counts the table's requests
  bool marked_for_deletion = false;  ///< the client said goodbye while compilations were in progress
};

/// How long sessions are kept.
struct ClientSessionLimits {
  /// Any peer can name any UID: beyond this many sessions the one that was idle longest is forgotten for a
  /// new one.
  std::size_t max_sessions = 10'000;
  /// One that is not used for so long is purged: its client died without a goodbye.
  Duration max_idle = std::chrono::minutes(90);
  /// The same while the server's memory is very low.
  Duration max_idle_in_want = std::chrono::minutes(5);
  /// Which is looked for when a request comes in, at most so often.
  Duration purge_interval = std::chrono::minutes(1);
};

/// Client UID -> session. Made by the first request of a UID; deleted by clientSessionTerminate, from
/// whichever connection, as soon as no compilation uses it, and when it is idle for too long. Thread-safe.
class ClientSessionTable {
 public:
  /// `in_want`: whether the server's memory is very low now, asked without a lock of the table; empty: never.
  explicit ClientSessionTable(Runtime& runtime, const ClientSessionLimits& limits = {},
                              RequestOrder::Listener listener = {}, std::function<bool()> in_want = {});
  ~ClientSessionTable();
  /// The session of a client, and whether it was there.
  struct Found {
    ClientSession& session;
    bool created = false;  ///< for this compilation
  };

  /// A compilation of that client begins. The session stays until its endCompilation().
  Found beginCompilation(const RequestNumbers& numbers);
  /// Once for each beginCompilation(). Deletes the session if its client has said goodbye meanwhile.
  void endCompilation(std::uint64_t client_uid);

  /// False if there is no such session.
  bool terminate(std::uint64_t client_uid);

  /// Ends all waiting in their orders, now and later.
  void stop();

  std::size_t size() const;
  /// Compilations in progress, of all sessions.
  std::size_t compiling() const;
  /// How many were purged.
  std::uint64_t purged() const;
  /// As it is now; nullopt if there is no such session.
  std::optional<ClientSessionState> find(std::uint64_t client_uid) const;
  /// What its caches hold; nullopt if there is no such session. Waits while a request uses them.
  std::optional<SessionCaches::Contents> caches(std::uint64_t client_uid) const;

 private:
  struct Entry {
    ClientSessionState state;
    std::shared_ptr<ClientSession> session;
  };
  using Sessions = std::map<std::uint64_t, Entry>;

  Duration maxIdle(Instant now) const;
  void purge(Instant now, Duration max_idle);
  void forgetOldest();

  Runtime& runtime_;
  const ClientSessionLimits limits_;
  const RequestOrder::Listener listener_;
  const std::function<bool()> in_want_;
  /// Guards everything below. Not held together with a session's: who is told of its order under that one
  /// may have locks of its own, under which others ask this table.
  std::unique_ptr<Mutex> mutex_;
  Sessions sessions_;
  std::uint64_t created_ = 0;
  std::size_t compiling_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t purged_ = 0;
  std::atomic<Instant> next_purge_;  ///< read without the lock, too
  bool stopped_ = false;
};

/// One compilation's use of its client's session.
class ClientSessionUse {
 public:
  ClientSessionUse(ClientSessionTable& sessions, const RequestNumbers& numbers)
      : sessions_(sessions), client_uid_(numbers.client_uid), found_(sessions.beginCompilation(numbers)) {}
  ~ClientSessionUse() { sessions_.endCompilation(client_uid_); }
  ClientSessionUse(const ClientSessionUse&) = delete;
  ClientSessionUse& operator=(const ClientSessionUse&) = delete;

  ClientSession& session() const { return found_.session; }
  bool created() const { return found_.created; }

 private:
  ClientSessionTable& sessions_;
  std::uint64_t client_uid_;
  ClientSessionTable::Found found_;
};

}  // namespace jitrig
