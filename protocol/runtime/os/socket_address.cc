#include "protocol/runtime/os/socket_address.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>

#include "protocol/runtime/os/socket_error.h"

namespace jitrig {
namespace {

template <class Address>
Address as(const SocketAddress& address) {
  Address result{};
  std::memcpy(&result, &address.storage, sizeof result);
  return result;
}

NetErrc resolverErrc(int code) {
  switch (code) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_AGAIN:
    case EAI_FAIL:
    case EAI_ADDRFAMILY: return NetErrc::unreachable;
    case EAI_MEMORY: return NetErrc::limit;
    case EAI_SYSTEM: return toNetErrc(errno);
    default: return NetErrc::other;
  }
}

}  // namespace

std::uint16_t SocketAddress::port() const {
  switch (family()) {
    case AF_INET: return ntohs(as<sockaddr_in>(*this).sin_port);
    case AF_INET6: return ntohs(as<sockaddr_in6>(*this).sin6_port);
    default: return 0;
  }
}

bool operator==(const SocketAddress& left, const SocketAddress& right) {
  return left.size == right.size && std::memcmp(&left.storage, &right.storage, left.size) == 0;
}

std::string toString(const SocketAddress& address) {
  std::array<char, NI_MAXHOST> host{};
  if (address.size == 0 ||
      getnameinfo(address.get(), address.size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return "(no address)";
  }
  return toString(Endpoint{host.data(), address.port()});
}

NetResult<std::vector<SocketAddress>> resolve(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &list);
  if (code != 0) {
    const NetErrc errc = resolverErrc(code);
    return std::unexpected(
        NetError{errc, fmt::format("resolve '{}': {}", endpoint.host, gai_strerror(code))});
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* info = list; info != nullptr; info = info->ai_next) {
    if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
    SocketAddress& address = addresses.emplace_back();
    std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.size = info->ai_addrlen;
  }
  if (addresses.empty()) {
    return std::unexpected(
        NetError{NetErrc::unreachable, fmt::format("resolve '{}': no IPv4 or IPv6 address", endpoint.host)});
  }
  return addresses;
}

SocketAddress localAddress(int descriptor) {
  SocketAddress address;
  address.size = sizeof address.storage;
  if (getsockname(descriptor, address.get(), &address.size) != 0) address.size = 0;
  return address;
}

SocketAddress peerAddress(int descriptor) {
  SocketAddress address;
  address.size = sizeof address.storage;
  if (getpeername(descriptor, address.get(), &address.size) != 0) address.size = 0;
  return address;
}

}  // namespace jitrig
