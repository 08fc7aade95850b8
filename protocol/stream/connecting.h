#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/communication_stream.h"
#include "protocol/stream/tls/tls_context.h"

namespace jitrig {

/// How a client's connection comes about.
struct Connecting {
  Endpoint server;
  /// Null: without TLS.
  std::shared_ptr<TlsContext> tls = nullptr;
  /// Of connecting and the handshake together.
  Instant deadline = kNever;
  /// Ends both, from any task; null: nothing does. The resolution of a name goes on to its end.
  Cancellation* cancellation = nullptr;
  /// Put around the connection, below TLS. May be empty.
  std::function<std::unique_ptr<ByteStream>(std::unique_ptr<ByteStream>)> decorate_transport = {};
};

/// Connects, with TLS through a handshake; StreamFailure with Cause::connect otherwise. With TLS the result
/// is a TlsByteStream.
std::unique_ptr<ByteStream> connectTo(Runtime& runtime, const Connecting& connecting);

/// The same within `timeout_ms` of the options.
std::unique_ptr<ByteStream> connectTo(Runtime& runtime, const Endpoint& server, const StreamOptions& options,
                                      const std::shared_ptr<TlsContext>& tls = nullptr);

}  // namespace jitrig
