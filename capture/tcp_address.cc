#include "capture/tcp_address.h"

#include <arpa/inet.h>
namespace jitrig {

std::optional<TcpAddress> TcpAddress::parse(const std::string& host, std::uint16_t port) {
  TcpAddress result;
  result.port = port;
  if (inet_pton(AF_INET, host.c_str(), result.address.data()) == 1) return result;
  if (inet_pton(AF_INET6, host.c_str(), result.address.data()) == 1) {
    result.is_ipv6 = true;
    return result;
  }
  return std::nullopt;
}

std::string hostText(const TcpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.is_ipv6 ? AF_INET6 : AF_INET, address.address.data(), text.data(), text.size());
  return text.data();
}

std::string toString(const TcpAddress& address) {
  const std::string host = address.is_ipv6 ? "[" + hostText(address) + "]" : hostText(address);
  return host + ":" + std::to_string(address.port);
}

}  // namespace jitrig
