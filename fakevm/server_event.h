#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/runtime/instant.h"

namespace jitrig {

/// What a client that lives as the real one learns of its server.
struct ServerEvent {
  /// Only connections that come about or do not say it: one that breaks is one thread's affair.
  enum class Kind : std::uint8_t {
    connected,    ///< the server has told its UID, which is a new one
    lost,         ///< no connection could be had to a server that had told it
    unreachable,  ///< no connection could be had, and none was there before
  };

  Kind kind = Kind::connected;
  Instant when = {};
  std::uint64_t server_uid = 0;  ///< of the server that was met, or lost
  std::int64_t wait_ms = 0;      ///< until the next attempt; not for `connected`
};

/// The line of the real client's log, "t=  5210 Could not connect to a server. Next attempt in 2000 ms."
/// behind the mark of its kind.
std::string toString(const ServerEvent& event);

/// Which server the client believes in, by the UIDs that it was told.
class KnownServer {
 public:
  /// A server told its UID; the event, if it is news.
  std::optional<ServerEvent> met(std::uint64_t server_uid, Instant now);
  /// No connection could be had.
  ServerEvent notReached(Instant now, Duration wait);
  /// Nothing is known any more.
  void forget() { uid_.reset(); }

 private:
  std::optional<std::uint64_t> uid_;
};

}  // namespace jitrig
