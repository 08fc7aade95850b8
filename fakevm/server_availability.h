#pragma once

#include <cstdint>
#include <optional>

#include "fakevm/stream_loss.h"
#include "protocol/runtime/instant.h"

namespace jitrig {

/// Whether a client believes that there is a server, and when it may try again: the real client's
/// postStreamFailure(). One for all threads of a VM; has neither lock nor clock.
class ServerAvailability {
 public:
  /// `max_wait` bounds the doubling; the real client has no bound.
  ServerAvailability(Duration first_wait, std::optional<Duration> max_wait)
      : first_wait_(first_wait), max_wait_(max_wait), wait_(first_wait) {}

  /// A connection came about: the next failure waits as the first one did.
  void connected() {
    available_ = true;
    wait_ = first_wait_;
  }

  /// A stream failed. Returns how long the client waits for the next attempt: after a timeout not at all,
  /// otherwise twice as long as before if the wait before was over.
  Duration failed(const StreamLoss& loss, Instant now);

  /// No connection has failed to come about since the last one that did. Streams that break say nothing.
  bool available() const { return available_; }
  Instant retryTime() const { return retry_time_; }
  bool retryTimeReached(Instant now) const { return now >= retry_time_; }

 private:
  Duration first_wait_;
  std::optional<Duration> max_wait_;
  Duration wait_;
  Instant retry_time_;
  bool available_ = true;
};

}  // namespace jitrig
