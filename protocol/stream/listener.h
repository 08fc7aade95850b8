#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/tls/tls_context.h"

namespace jitrig {

class Handshakes;

/// Takes what the Listener accepted.
class ConnectionDispatcher {
 public:
  virtual ~ConnectionDispatcher() = default;

  /// Called in the Listener's task: must not wait, not for the client's bytes either. What it throws ends
  /// that task, and comes out of Listener::stop(). With TLS, `stream` is a TlsByteStream.
  virtual void onConnection(std::unique_ptr<ByteStream> stream) = 0;

  /// A connection that came to nothing in its TLS handshake, and is closed. `name` is that of a stream,
  /// "127.0.0.1:38400 -> 127.0.0.1:51034". Probes, which close without a byte, are not told. Called as
  /// onConnection() is.
  virtual void onHandshakeFailure(const std::string& name, const NetError& error) {
    static_cast<void>(name);
    static_cast<void>(error);
  }
};

/// Where to listen, and how many connections to bear. Port 0 takes a free one.
struct ListenerOptions {
  Endpoint endpoint{.host = "127.0.0.1", .port = 38400};
  /// A port where a connection is accepted and closed at once, for health probes. 0: any; nullopt: none.
  std::optional<std::uint16_t> health_port = 38600;
  /// Connections that were accepted and are not destroyed yet, half-open ones included. One more is closed
  /// at once, unless a half-open one can be dropped for it.
  std::size_t max_open_connections = 4096;

  /// Connections are handed over after their TLS handshake; null: plain. The health port is always plain.
  std::shared_ptr<TlsContext> tls = nullptr;
  /// From accepting a connection to the end of its handshake. A real server's default.
  std::int64_t handshake_timeout_ms = 30'000;
  /// Half-open connections: in their handshake. At the limit the oldest is dropped for one more, so that a
  /// flood of silent clients keeps nobody out …
  std::size_t max_half_open_connections = 256;
  /// … but only after so long, so that a crowd of good clients does not drop itself: until then newer ones
  /// wait at the port.
  std::int64_t handshake_grace_ms = 1'000;
};

/// Accepts connections in a task of its own, which sleeps until there is something to do. TLS handshakes have
/// tasks of their own and are limited in number and time.
class Listener {
 public:
  /// Binds both ports; the error names the one that failed. `dispatcher` and `runtime` must outlive it.
  static NetResult<std::unique_ptr<Listener>> make(Runtime& runtime, const ListenerOptions& options,
                                                   ConnectionDispatcher& dispatcher);

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// Begins to accept. std::logic_error if it was started or stopped before.
  void start();

  /// Ends the task, closes the ports, then the half-open connections; afterwards clients are refused.
  /// Connections that were handed over go on. Rethrows what the dispatcher threw. Not from the dispatcher;
  /// later calls do nothing. The destructor stops too, but drops the dispatcher's exception.
  void stop();

  std::uint16_t port() const { return port_; }
  std::optional<std::uint16_t> healthPort() const { return health_port_; }

  std::size_t openConnections() const { return open_connections_->load(); }
  /// Connections closed at once because of max_open_connections.
  std::uint64_t refusedConnections() const { return refused_connections_.load(); }

  /// Connections that are in their TLS handshake.
  std::size_t halfOpenConnections() const;
  /// TLS handshakes that failed, those that took too long included.
  std::uint64_t failedHandshakes() const { return failed_handshakes_.load(); }
  /// Half-open connections that were dropped for newer ones.
  std::uint64_t droppedHandshakes() const { return dropped_handshakes_.load(); }
  /// Connections to the TLS port that were closed without a byte: health probes, port scanners.
  std::uint64_t probes() const { return probes_.load(); }

 private:
  Listener(Runtime& runtime, const ListenerOptions& options, ConnectionDispatcher& dispatcher);

  void serveRemoteCompilationRequests();
  /// Until when the port has to be left alone: the process is out of descriptors, for instance. kAtOnce: not.
  Instant acceptSome(Acceptor& acceptor, bool health);
  void handOver(std::unique_ptr<Connection> connection);
  bool dropOldestHandshake();
  bool handOverSecured();
  void close();

  Runtime& runtime_;
  ConnectionDispatcher& dispatcher_;
  const std::size_t max_open_connections_;
  std::unique_ptr<Selector> selector_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Acceptor> health_acceptor_;
  std::uint16_t port_ = 0;
  std::optional<std::uint16_t> health_port_;
  std::atomic<bool> stopping_{false};
  /// Shared with the handed-over streams, which may outlive the Listener.
  std::shared_ptr<std::atomic<std::size_t>> open_connections_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::atomic<std::uint64_t> refused_connections_{0};
  std::atomic<std::uint64_t> failed_handshakes_{0};
  std::atomic<std::uint64_t> dropped_handshakes_{0};
  std::atomic<std::uint64_t> probes_{0};
  std::unique_ptr<Handshakes> handshakes_;  ///< null: plain
  std::unique_ptr<Task> task_;
};

}  // namespace jitrig
