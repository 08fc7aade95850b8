#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/connection_source.h"
#include "protocol/stream/dialect.h"
#include "protocol/stream/tls/tls_context.h"
#include "scenarios/file/scenario.h"

namespace jitrig {

/// What carries the messages of a run in place of sockets: gRPC, a stream of which is one compilation. It is
/// given from outside, so that scenarios need no gRPC.
struct RunBackend {
  std::string name;  ///< "grpc", as an option has it
  /// A server's streams, for FakeCompilerOptions::connections. nullopt: plain.
  std::function<MakeConnectionSource(Runtime& runtime, const Endpoint& endpoint, const Dialect& dialect,
                                     const std::optional<TlsServerOptions>& tls)>
      listen;
  /// A client's stream, which both ends call `stream_name`. Throws StreamFailure.
  std::function<std::unique_ptr<ByteStream>(
      Runtime& runtime, const Endpoint& server, const std::string& stream_name,
      const std::optional<TlsClientOptions>& tls, std::int64_t timeout_ms)>
      connect;
};

/// What a scenario needs that calls of gRPC have not, for people; empty: it has all.
std::string whatGrpcLacks(const Scenario& scenario);

/// The same of something that a persona may do wrong, by its name.
std::string whatGrpcLacks(const MisbehaviourSpec& misbehaviour);

}  // namespace jitrig
