#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/release_options.h"
#include "cli/tls_options.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/connection_source.h"
#include "protocol/stream/dialect.h"
#include "protocol/stream/misbehaviour.h"
#include "scenarios/run/run_backend.h"

namespace CLI {
class App;
}

namespace jitrig {

/// --backend: what carries the messages.
struct BackendOption {
  std::string backend;
  const CLI::App* verb = nullptr;
};

/// `option` must live as long as `verb`.
void addBackendOption(CLI::App& verb, BackendOption& option);

/// Whether it is gRPC: by the option or, without it, by JITAAS_USE_GRPC of the environment, which the real
/// code had.
bool usesGrpc(const BackendOption& option);

/// Whether this jitrig was built with it.
bool hasGrpc();

/// Throws CommandError (wrongUsage) where it was not.
void requireGrpc();

/// Throws as requireGrpc() does, and if an option of the verb was given that the other backend alone has.
void checkBackend(const BackendOption& option);

/// The same for things to do wrong that there is no way to do over gRPC.
void checkMisbehaviours(const BackendOption& option, const std::vector<MisbehaviourSpec>& specs);

/// Says on the standard error that SSLKEYLOGFILE means nothing to gRPC, if it is set.
void explainKeyLog(const BackendOption& option, const TlsFiles& tls);

/// What peers of the gRPC backend speak. Throws CommandError (wrongUsage) for options that mean another
/// release or build.
std::shared_ptr<const Dialect> grpcDialect(const ReleaseOptions& release, const ProtocolOptions& protocol);

/// Calls that a server over gRPC serves at the same time, if nobody says otherwise.
inline constexpr std::size_t kGrpcStreams = 7;

/// For FakeCompilerOptions::connections. All references must outlive it.
MakeConnectionSource grpcConnections(Runtime& runtime, const Endpoint& endpoint, std::size_t streams,
                                     const TlsFiles& tls, const Dialect& dialect);

/// For RunChoice::backend: both personas of a scenario over gRPC.
std::shared_ptr<const RunBackend> grpcRunBackend();

/// For FakeVMOptions::connect; within `timeout_ms`.
std::function<std::unique_ptr<ByteStream>()> connectionsToGrpc(Runtime& runtime, const Endpoint& server,
                                                               const TlsFiles& tls, std::int64_t timeout_ms);

}  // namespace jitrig
