#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/tls/tls_byte_stream.h"

namespace jitrig {

/// What bounds the handshakes of a Listener in time and number; ListenerOptions explains it.
struct HandshakeOptions {
  std::shared_ptr<TlsContext> tls;
  Duration timeout{};
  std::size_t max_half_open = 1;
  Duration grace{};  ///< how long a half-open connection may keep its place from newer ones
};

/// The TLS handshakes of accepted connections, each in a task of its own: a client that is silent or slow
/// delays nobody. Used by one task, which `waker` wakes when a handshake has ended; only count() may come
/// from any.
class Handshakes {
 public:
  /// How a handshake ended.
  struct Outcome {
    std::string name;  ///< "127.0.0.1:38400 -> 127.0.0.1:51034"
    NetResult<std::unique_ptr<ByteStream>> stream;
    bool probe = false;  ///< it failed because the client closed without having sent a byte
  };

  /// `runtime` and `waker` must outlive it.
  Handshakes(Runtime& runtime, HandshakeOptions options, Selector& waker);
  ~Handshakes();
  Handshakes(const Handshakes&) = delete;
  Handshakes& operator=(const Handshakes&) = delete;

  /// Begins the handshake with an accepted connection. The error if no task can be had for it.
  NetResult<void> begin(std::unique_ptr<ByteStream> connection);

  /// Those that have ended since the last call, in the order of their ends.
  std::vector<Outcome> takeEnded();

  /// When the next connection may be accepted, as far as handshakes are concerned: kAtOnce below the limit,
  /// else when the oldest half-open connection has had its grace.
  Instant roomAt() const;
  /// Whether one more would be too many.
  bool full() const { return count() >= options_.max_half_open; }

  /// Closes the oldest half-open connection, if there is one that has had its grace.
  std::optional<Outcome> dropOldest();

  /// Half-open connections.
  std::size_t count() const { return half_open_.load(); }

  /// Closes all half-open connections, and those that were not taken. In bounded time: what still computes
  /// goes on until it would wait.
  void stop();

 private:
  struct Handshake;

  void run(Handshake& handshake);
  Handshake* oldest() const;
  Outcome finish(std::uint64_t id);

  Runtime& runtime_;
  const HandshakeOptions options_;
  Selector& waker_;
  std::map<std::uint64_t, std::unique_ptr<Handshake>> handshakes_;  ///< in the order of their beginning
  std::uint64_t last_id_ = 0;
  std::unique_ptr<Mutex> mutex_;      ///< guards what handshakes have come to, and:
  std::vector<std::uint64_t> ended_;  ///< not taken yet
  std::atomic<std::size_t> half_open_{0};
};

}  // namespace jitrig
