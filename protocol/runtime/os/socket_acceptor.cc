#include "protocol/runtime/os/socket_acceptor.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include "protocol/runtime/os/socket_address.h"
#include "protocol/runtime/os/socket_connection.h"
#include "protocol/runtime/os/socket_error.h"

namespace jitrig {
namespace {

/// How long accept() holds back its error when even the reserve did not help.
constexpr Duration kLimitPause = std::chrono::milliseconds(50);

Descriptor openReserve() {
  return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/// An interruption, or an error of the connection that was in the queue, not of the listening socket (see
/// accept(2)).
bool mayTryAgain(int error_number) {
  switch (error_number) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case EPERM: return true;
    default: return false;
  }
}

}  // namespace

SocketAcceptor::SocketAcceptor(SocketServices services, Descriptor descriptor)
    : CancellableSocket(services, std::move(descriptor)), services_(services), reserve_(openReserve()) {
  const SocketAddress address = localAddress(this->descriptor());
  name_ = fmt::format("listening on {}", toString(address));
  port_ = address.port();
}

NetResult<std::unique_ptr<Connection>> SocketAcceptor::accept(Instant deadline) {
  while (true) {
    if (readyNow()) return failure(NetErrc::cancelled, "cancelled");
    SocketAddress peer;
    peer.size = sizeof peer.storage;
    Descriptor accepted(accept4(descriptor(), peer.get(), &peer.size, SOCK_CLOEXEC));
    const int error_number = errno;
    if (accepted.valid()) return std::make_unique<SocketConnection>(services_, std::move(accepted), peer);
    if (mayTryAgain(error_number)) continue;
    if (toNetErrc(error_number) == NetErrc::limit) {
      // The system looks for a descriptor before it looks for a connection.
      if (waitForDescriptor(clock(), descriptor(), POLLIN, kAtOnce) == WaitOutcome::ready) {
        refuseOne(deadline);
        return failure(NetErrc::limit, systemWords(error_number));
      }
    } else if (error_number != EAGAIN && error_number != EWOULDBLOCK) {
      return failure(NetErrc::other, systemWords(error_number));
    }
    switch (wait(POLLIN, deadline)) {
      case WaitOutcome::ready:
      case WaitOutcome::interrupted: break;
      case WaitOutcome::timedOut: return failure(NetErrc::timedOut, "the deadline passed");
      case WaitOutcome::limit: return failure(NetErrc::limit, "no descriptor left to wait with");
    }
  }
}

void SocketAcceptor::refuseOne(Instant deadline) {
  {
    const std::lock_guard lock(reserve_mutex_);
    const bool had_reserve = reserve_.valid();
    reserve_.close();
    Descriptor refused(accept4(descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    const bool done = refused.valid();
    if (done) {
      const linger none{1, 0};  // the peer reads a reset, not an orderly end
      static_cast<void>(setsockopt(refused.number(), SOL_SOCKET, SO_LINGER, &none, sizeof none));
      refused.close();
    }
    reserve_ = openReserve();
    if (had_reserve && done) return;
  }
  static_cast<void>(wait(0, std::min(deadline, clock().now() + kLimitPause)));
}

void SocketAcceptor::cancel() {
  interrupt();
}

std::unexpected<NetError> SocketAcceptor::failure(NetErrc code, std::string_view reason) const {
  return std::unexpected(NetError{code, fmt::format("accept, {}: {}", name_, reason)});
}

NetResult<std::unique_ptr<Acceptor>> listenSocket(SocketServices services, const Endpoint& endpoint) {
  NetResult<std::vector<SocketAddress>> addresses = resolve(endpoint);
  const std::string operation = fmt::format("listen on {}", toString(endpoint));
  if (!addresses) {
    return std::unexpected(NetError{addresses.error().code, operation + ": " + addresses.error().detail});
  }
  NetError first_error;
  for (const SocketAddress& address : *addresses) {
    Descriptor descriptor(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int yes = 1;
    // A port whose old connections are still in TIME_WAIT can be taken; one that is listened on cannot.
    const bool listens = descriptor.valid() &&
                         setsockopt(descriptor.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                         bind(descriptor.number(), address.get(), address.size) == 0 &&
                         ::listen(descriptor.number(), SOMAXCONN) == 0;
    if (listens) return std::make_unique<SocketAcceptor>(services, std::move(descriptor));
    if (first_error.detail.empty()) first_error = systemError(operation, errno);
  }
  return std::unexpected(first_error);
}

}  // namespace jitrig
