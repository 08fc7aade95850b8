#include "protocol/runtime/os/socket_connect.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include "protocol/runtime/os/socket_address.h"
#include "protocol/runtime/os/socket_connection.h"
#include "protocol/runtime/os/socket_error.h"

namespace jitrig {
namespace {

/// 0, or the errno with which the attempt ended.
int finishConnecting(const SystemClock& clock, int descriptor, Instant deadline) {
  if (waitForDescriptor(clock, descriptor, POLLOUT, deadline) == WaitOutcome::timedOut) return ETIMEDOUT;
  int error_number = 0;
  socklen_t size = sizeof error_number;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error_number, &size) != 0) return errno;
  return error_number;
}

NetResult<std::unique_ptr<Connection>> connectAddress(SocketServices services, const SocketAddress& address,
                                                      Instant deadline) {
  const std::string operation = fmt::format("connect to {}", toString(address));
  Descriptor descriptor(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.valid()) return std::unexpected(systemError(operation, errno));

  int error_number = connect(descriptor.number(), address.get(), address.size) == 0 ? 0 : errno;
  // Interrupted or not, a started attempt goes on by itself.
  if (error_number == EINPROGRESS || error_number == EINTR) {
    error_number = finishConnecting(services.clock, descriptor.number(), deadline);
  }
  if (error_number != 0) return std::unexpected(systemError(operation, error_number));

  return takeConnected(services, std::move(descriptor), operation);
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
                                                     Instant deadline) {
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
    NetResult<std::unique_ptr<Connection>> connection = connectAddress(services, address, share);
    if (connection) return connection;
    if (details.empty() || saysMore(connection.error().code, error.code)) error = connection.error();
    details += (details.empty() ? "" : "; ") + connection.error().detail;
  }
  return std::unexpected(NetError{error.code, details});
}

}  // namespace jitrig
