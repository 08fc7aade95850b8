#include "bench/stream/bare_socket.h"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace jitrig::bench {
namespace {

void require(bool condition, const char* operation) {
  if (!condition) throw std::system_error(errno, std::generic_category(), operation);
}

sockaddr* addressOf(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

Descriptor makeSocket() {
  Descriptor descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  require(descriptor.valid(), "socket");
  return descriptor;
}

}  // namespace

Descriptor listenBare() {
  Descriptor listening = makeSocket();
  sockaddr_in address = loopback(0);
  require(bind(listening.number(), addressOf(address), sizeof address) == 0, "bind");
  require(listen(listening.number(), SOMAXCONN) == 0, "listen");
  return listening;
}

std::uint16_t portOf(const Descriptor& listening) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  require(getsockname(listening.number(), addressOf(address), &size) == 0, "getsockname");
  return ntohs(address.sin_port);
}

Descriptor connectBareTo(std::uint16_t port) {
  Descriptor client = makeSocket();
  sockaddr_in address = loopback(port);
  require(connect(client.number(), addressOf(address), sizeof address) == 0, "connect");
  return client;
}

BarePair connectBare() {
  const Descriptor listening = listenBare();
  BarePair pair{.client = connectBareTo(portOf(listening)), .server = {}};
  pair.server = Descriptor(accept4(listening.number(), nullptr, nullptr, SOCK_CLOEXEC));
  require(pair.server.valid(), "accept4");
  setConnectionOptions(pair.client);
  setConnectionOptions(pair.server);
  return pair;
}

void setConnectionOptions(const Descriptor& connected) {
  const int yes = 1;
  require(setsockopt(connected.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0, "TCP_NODELAY");
  require(setsockopt(connected.number(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes) == 0, "SO_KEEPALIVE");
}

void resetOnClose(const Descriptor& connected) {
  const linger none{1, 0};
  require(setsockopt(connected.number(), SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0, "SO_LINGER");
}

void writeBare(const Descriptor& connected, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(connected.number(), bytes.data(), bytes.size());
    require(count > 0, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

bool readBare(const Descriptor& connected, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = read(connected.number(), bytes.data(), bytes.size());
    require(count >= 0, "read");
    if (count == 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace jitrig::bench
