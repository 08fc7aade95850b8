#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/tls/tls_context.h"

namespace jitrig {

/// A client of the gRPC backend, and where its server is.
struct CompileClientOptions {
  Endpoint server{.host = "127.0.0.1", .port = 38400};
  /// nullopt: plain. The server's certificate and its name are always verified; check_host_name, the
  /// versions, the key log and the verification time are not gRPC's to choose here.
  std::optional<TlsClientOptions> tls = std::nullopt;
  /// How both ends call the stream, for who has to know that they belong together: our server is told in the
  /// metadata of each call. Then it has one call only. Empty: here "client", there the address and the call's
  /// number.
  std::string stream_name = {};
  /// gRPC's synchronous stream: simpler, without deadlines for single reads and writes.
  bool synchronous = false;
  /// How long the end of a call may take, after the last message; then it is cancelled.
  std::int64_t finish_timeout_ms = 5'000;
  std::size_t max_message_size_bytes = std::size_t{64} << 20U;
};

/// Connects, within the deadline, and verifies the server. The stream that comes of it makes a call of each
/// compilation: a request begins one, its answer ends it; in between no call is open. What the backend has no
/// message for – clientSessionTerminate, connectionTerminate – is not sent. NetErrc::tls also for bad
/// certificates of our own.
NetResult<std::unique_ptr<ByteStream>> connectToCompileServer(Runtime& runtime,
                                                              const CompileClientOptions& options,
                                                              Instant deadline);

}  // namespace jitrig
