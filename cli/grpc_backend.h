#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/release_options.h"
#include "cli/tls_options.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/connection_source.h"
#include "protocol/stream/dialect.h"

namespace CLI {
class App;
}

namespace jitrig {

/// --backend: what carries the messages.
struct BackendOption {
  std::string backend;
};

/// `option` must live as long as `verb`.
void addBackendOption(CLI::App& verb, BackendOption& option);

/// Whether it is gRPC: by the option or, without it, by JITAAS_USE_GRPC of the environment, which the real
/// code had. Throws CommandError (wrongUsage) where this jitrig was built without it.
bool usesGrpc(const BackendOption& option);

/// What peers of the gRPC backend speak. Throws CommandError (wrongUsage) for options that mean another
/// release or build.
std::shared_ptr<const Dialect> grpcDialect(const ReleaseOptions& release, const ProtocolOptions& protocol);

/// For FakeCompilerOptions::connections. All references must outlive it.
MakeConnectionSource grpcConnections(Runtime& runtime, const Endpoint& endpoint, const TlsFiles& tls,
                                     const Dialect& dialect);

/// For FakeVMOptions::connect; within `timeout_ms`.
std::function<std::unique_ptr<ByteStream>()> connectionsToGrpc(Runtime& runtime, const Endpoint& server,
                                                               const TlsFiles& tls, std::int64_t timeout_ms);

}  // namespace jitrig
