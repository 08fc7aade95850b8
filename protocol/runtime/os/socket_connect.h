#pragma once

#include <memory>

#include "protocol/runtime/connection.h"
#include "protocol/runtime/os/cancellable_socket.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// Resolves, then tries each address in turn. The time until the deadline is divided among the addresses
/// that are left, so that one that does not answer leaves time for the others.
NetResult<std::unique_ptr<Connection>> connectSocket(SocketServices services, const Endpoint& endpoint,
                                                     Instant deadline);

}  // namespace jitrig
