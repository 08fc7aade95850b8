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

namespace jitrig {

/// Takes what the Listener accepted.
class ConnectionDispatcher {
 public:
  virtual ~ConnectionDispatcher() = default;

  /// Called in the Listener's task: must not wait, not for the client's bytes either. What it throws ends
  /// that task, and comes out of Listener::stop().
  virtual void onConnection(std::unique_ptr<ByteStream> stream) = 0;
};

/// Where to listen, and how many connections to bear. Port 0 takes a free one.
struct ListenerOptions {
  Endpoint endpoint{.host = "127.0.0.1", .port = 38400};
  /// A port where a connection is accepted and closed at once, for health probes. 0: any; nullopt: none.
  std::optional<std::uint16_t> health_port = 38600;
  /// Connections that were accepted and are not destroyed yet. One more is closed at once.
  std::size_t max_open_connections = 4096;
};

/// Accepts connections in a task of its own, which sleeps until there is something to do.
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

  /// Ends the task and closes the ports; afterwards clients are refused. Connections that were handed over go
  /// on. Rethrows what the dispatcher threw. Not from the dispatcher; later calls do nothing. The destructor
  /// stops too, but drops the dispatcher's exception.
  void stop();

  std::uint16_t port() const { return port_; }
  std::optional<std::uint16_t> healthPort() const { return health_port_; }

  std::size_t openConnections() const { return open_connections_->load(); }
  /// Connections closed at once because of max_open_connections.
  std::uint64_t refusedConnections() const { return refused_connections_.load(); }

 private:
  Listener(Runtime& runtime, const ListenerOptions& options, ConnectionDispatcher& dispatcher);

  void serveRemoteCompilationRequests();
  /// False if the port has to be left alone for a while: the process is out of descriptors, for instance.
  bool acceptSome(Acceptor& acceptor, bool health);
  void handOver(std::unique_ptr<Connection> connection);
  void closePorts();

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
  std::unique_ptr<Task> task_;
};

}  // namespace jitrig
