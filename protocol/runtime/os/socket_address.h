#pragma once

#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "protocol/runtime/net_error.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// An IPv4 or IPv6 address with a port.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  std::uint16_t port() const;

  friend bool operator==(const SocketAddress& left, const SocketAddress& right);
};

/// "127.0.0.1:38400", "[::1]:38400", "[fe80::1%eth0]:38400".
std::string toString(const SocketAddress& address);

/// All addresses of a host, in the resolver's order. NetErrc::unreachable if there is none. Blocks as long
/// as the system's resolver does, for names that are not addresses.
NetResult<std::vector<SocketAddress>> resolve(const Endpoint& endpoint);

SocketAddress localAddress(int descriptor);  ///< size 0 if the socket has none (any more)
SocketAddress peerAddress(int descriptor);   ///< size 0 if the socket has none (any more)

}  // namespace jitrig
