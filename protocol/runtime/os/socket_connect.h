#pragma once

#include <memory>
#include <string_view>

#include "protocol/runtime/connection.h"
#include "protocol/runtime/os/cancellable_socket.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// Resolves, then tries each address in turn. The time until the deadline is divided among the addresses
/// that are left, so that one that does not answer leaves time for the others. The resolution of a name
/// cannot be cancelled.
NetResult<std::unique_ptr<Connection>> connectSocket(SocketServices services, const Endpoint& endpoint,
                                                     Instant deadline, Cancellation* cancellation);

/// The last step for each socket that has connected. TCP's simultaneous open lets a socket reach itself when
/// the port it was given is the one it calls: that is NetErrc::refused.
/// A peer that has reset already, before it could be asked for its address, is NetErrc::reset.
NetResult<std::unique_ptr<Connection>> takeConnected(SocketServices services, Descriptor descriptor,
                                                     std::string_view operation);

}  // namespace jitrig
