#pragma once

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
  bool session_queries_asked = false;
  bool marked_for_deletion = false;  ///< the client said goodbye while compilations were in progress
};

/// Client UID -> session. Made by the first request of a UID, deleted by clientSessionTerminate, from
/// whichever connection, as soon as no compilation uses it. Thread-safe.
class ClientSessionTable {
 public:
  explicit ClientSessionTable(Runtime& runtime);

  /// A compilation of that client begins. True: it is to ask the session queries, since no other has.
  bool beginCompilation(std::uint64_t client_uid);
  void endCompilation(std::uint64_t client_uid);

  /// False if there is no such session.
  bool terminate(std::uint64_t client_uid);

  std::size_t size() const;
  std::optional<ClientSession> find(std::uint64_t client_uid) const;

 private:
  std::unique_ptr<Mutex> mutex_;
  std::map<std::uint64_t, ClientSession> sessions_;
};

}  // namespace jitrig
