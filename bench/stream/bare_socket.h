#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/runtime/os/descriptor.h"

/// What the streams are measured beside: system calls on blocking sockets and nothing else. Throws
/// std::system_error.
namespace jitrig::bench {

/// Two connected loopback sockets, blocking, with the options that SocketConnection sets.
struct BarePair {
  Descriptor client;
  Descriptor server;
};
BarePair connectBare();

/// A blocking socket that listens on a free port of 127.0.0.1.
Descriptor listenBare();
std::uint16_t portOf(const Descriptor& listening);

/// A blocking socket, connected to that port of 127.0.0.1.
Descriptor connectBareTo(std::uint16_t port);

/// TCP_NODELAY and SO_KEEPALIVE, as SocketConnection.
void setConnectionOptions(const Descriptor& connected);

/// The close() that follows resets: thousands of short connections would otherwise leave no free port.
void resetOnClose(const Descriptor& connected);

void writeBare(const Descriptor& connected, std::span<const std::byte> bytes);
/// False: the peer has closed. Fills `bytes` otherwise.
bool readBare(const Descriptor& connected, std::span<std::byte> bytes);

}  // namespace jitrig::bench
