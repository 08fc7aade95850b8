#include "protocol/runtime/os/socket_connect.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include "protocol/runtime/cancellation.h"
#include "protocol/runtime/os/cancellable_socket.h"
#include "protocol/runtime/os/socket_address.h"
#include "protocol/runtime/os/socket_connection.h"
#include "protocol/runtime/os/socket_error.h"

namespace jitrig {
namespace {

/// A socket that is about to be connected.
class ConnectingSocket final : public CancellableSocket, public Cancellable {
 public:
  ConnectingSocket(SocketServices services, Descriptor descriptor, bool cancellable)
      : CancellableSocket(services, std::move(descriptor)), cancellable_(cancellable) {}
  using CancellableSocket::takeDescriptor;

  void cancel() override { interrupt(); }

  /// 0, or the errno with which the attempt ended. ECANCELED: by cancel().
  int connectTo(const SocketAddress& address, Instant deadline) {
    if (readyNow()) return ECANCELED;
    const int error_number = connect(descriptor(), address.get(), address.size) == 0 ? 0 : errno;
    // Interrupted or not, a started attempt goes on by itself.
    return error_number == EINPROGRESS || error_number == EINTR ? finish(deadline) : error_number;
  }

 private:
  /// Only who may be cancelled needs a Waker.
  WaitOutcome waitForAnswer(Instant deadline) {
    return cancellable_ ? wait(POLLOUT, deadline)
                        : waitForDescriptor(clock(), descriptor(), POLLOUT, deadline);
  }
  int finish(Instant deadline) {
    switch (waitForAnswer(deadline)) {
      case WaitOutcome::timedOut: return ETIMEDOUT;
      case WaitOutcome::interrupted: return ECANCELED;
      case WaitOutcome::limit: return EMFILE;
      case WaitOutcome::ready: break;
    }
    int error_number = 0;
    socklen_t size = sizeof error_number;
    if (getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error_number, &size) != 0) return errno;
    return error_number;
  }

  bool cancellable_;
};

NetResult<std::unique_ptr<Connection>> connectAddress(SocketServices services, const SocketAddress& address,
                                                      Instant deadline, Cancellation* cancellation) {
  const std::string operation = fmt::format("connect to {}", toString(address));
  Descriptor descriptor(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.valid()) return std::unexpected(systemError(operation, errno));

  ConnectingSocket connecting(services, std::move(descriptor), cancellation != nullptr);
  int error_number = 0;
  {
    const Cancellation::Participation participation(cancellation, connecting);
    error_number = connecting.connectTo(address, deadline);
  }
  if (error_number == ECANCELED)
    return std::unexpected(NetError{NetErrc::cancelled, fmt::format("{}: cancelled", operation)});
  if (error_number != 0) return std::unexpected(systemError(operation, error_number));

  return takeConnected(services, connecting.takeDescriptor(), operation);
}

/// Of several attempts' errors the one that says most: somebody answered, somebody might answer later.
bool saysMore(NetErrc code, NetErrc than) {
  const auto rank = [](NetErrc errc) {
    return errc == NetErrc::refused       ? 3
           : errc == NetErrc::timedOut    ? 2
           : errc == NetErrc::unreachable ? 0
                                          : 1;
  };
  return rank(code) > rank(than);
}

}  // namespace

NetResult<std::unique_ptr<Connection>> takeConnected(SocketServices services, Descriptor descriptor,
                                                     std::string_view operation) {
  const SocketAddress peer = peerAddress(descriptor.number());
  if (peer.size == 0) return std::unexpected(systemError(operation, ENOTCONN));
  if (localAddress(descriptor.number()) == peer) {
    const linger none{1, 0};
    static_cast<void>(setsockopt(descriptor.number(), SOL_SOCKET, SO_LINGER, &none, sizeof none));
    return std::unexpected(
        NetError{NetErrc::refused,
                 fmt::format("{}: nobody listens there (the socket had reached itself)", operation)});
  }
  // From here on it blocks: SocketConnection says call by call what must not.
  static_cast<void>(fcntl(descriptor.number(), F_SETFL, 0));
  return std::make_unique<SocketConnection>(services, std::move(descriptor), peer);
}

NetResult<std::unique_ptr<Connection>> connectSocket(SocketServices services, const Endpoint& endpoint,
                                                     Instant deadline, Cancellation* cancellation) {
  NetResult<std::vector<SocketAddress>> addresses = resolve(endpoint);
  if (!addresses) {
    return std::unexpected(
        NetError{addresses.error().code,
                 fmt::format("connect to {}: {}", toString(endpoint), addresses.error().detail)});
  }
  NetError error;
  std::string details;
  auto left = static_cast<std::int64_t>(addresses->size());
  for (const SocketAddress& address : *addresses) {
    Instant share = deadline;
    if (deadline != kNever && left > 1) {
      const Instant now = services.clock.now();
      if (deadline > now) share = now + (deadline - now) / left;
    }
    --left;
    NetResult<std::unique_ptr<Connection>> connection =
        connectAddress(services, address, share, cancellation);
    if (connection || connection.error().code == NetErrc::cancelled) return connection;
    if (details.empty() || saysMore(connection.error().code, error.code)) error = connection.error();
    details += (details.empty() ? "" : "; ") + connection.error().detail;
  }
  return std::unexpected(NetError{error.code, details});
}

}  // namespace jitrig
