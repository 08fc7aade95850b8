#include "fakevm/server_event.h"

#include <chrono>
#include <fmt/format.h>

namespace jitrig {

std::string toString(const ServerEvent& event) {
  constexpr std::int64_t kNsPerMs = 1'000'000;
  const std::string head = fmt::format("#JITServer: t={:6}", event.when.ns / kNsPerMs);
  switch (event.kind) {
    case ServerEvent::Kind::connected:
      return fmt::format("{} Connected to a server (serverUID={})", head, event.server_uid);
    case ServerEvent::Kind::lost:
      return fmt::format("{} Lost connection to the server (serverUID={}). Next attempt in {} ms.", head,
                         event.server_uid, event.wait_ms);
    case ServerEvent::Kind::unreachable: break;
  }
  return fmt::format("{} Could not connect to a server. Next attempt in {} ms.", head, event.wait_ms);
}

std::optional<ServerEvent> KnownServer::met(std::uint64_t server_uid, Instant now) {
  if (uid_ == server_uid) return std::nullopt;
  uid_ = server_uid;
  return ServerEvent{.kind = ServerEvent::Kind::connected, .when = now, .server_uid = server_uid};
}

ServerEvent KnownServer::notReached(Instant now, Duration wait) {
  const bool lost = uid_.has_value();
  const ServerEvent event{.kind = lost ? ServerEvent::Kind::lost : ServerEvent::Kind::unreachable,
                          .when = now,
                          .server_uid = uid_.value_or(0),
                          .wait_ms = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count()};
  uid_.reset();
  return event;
}

}  // namespace jitrig
