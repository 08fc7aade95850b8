#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "protocol/runtime/connection.h"
#include "protocol/runtime/os/cancellable_socket.h"

namespace jitrig {

/// A listening TCP socket.
///
/// When the process has no descriptor left, accept() ends with NetErrc::limit, and the connection that could
/// not be taken is closed, so that its peer learns at once and a loop around accept() or a Selector does not
/// spin on it. For that a descriptor is kept in reserve.
class SocketAcceptor final : public Acceptor, public CancellableSocket {
 public:
  /// Takes a listening, non-blocking socket.
  SocketAcceptor(SocketServices services, Descriptor descriptor);

  const std::string& name() const override { return name_; }
  NetResult<std::unique_ptr<Connection>> accept(Instant deadline) override;
  std::uint16_t port() const override { return port_; }
  void cancel() override;

 private:
  std::unexpected<NetError> failure(NetErrc code, std::string_view reason) const;
  void refuseOne(Instant deadline);

  SocketServices services_;
  std::string name_;
  std::uint16_t port_ = 0;
  std::mutex reserve_mutex_;
  Descriptor reserve_;
};

/// Binds the first of the endpoint's addresses that can be bound, and listens.
NetResult<std::unique_ptr<Acceptor>> listenSocket(SocketServices services, const Endpoint& endpoint);

}  // namespace jitrig
