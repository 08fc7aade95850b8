#include "cli/grpc_backend.h"

#include <chrono>
#include <fmt/format.h>
#include <string>
#include <utility>

#include "cli/exit_status.h"
#include "protocol/grpc/compile_client.h"
#include "protocol/grpc/compile_server.h"
#include "protocol/jitaas/jitaas_dialect.h"
#include "protocol/stream/stream_exceptions.h"

namespace jitrig {
namespace {

class GrpcConnections final : public ConnectionSource {
 public:
  GrpcConnections(std::unique_ptr<CompileServer> server, bool uses_tls)
      : server_(std::move(server)), uses_tls_(uses_tls) {}

  void start() override { server_->start(); }
  void stop() override { server_->stop(); }
  std::uint16_t port() const override { return server_->port(); }
  bool usesTls() const override { return uses_tls_; }

 private:
  const std::unique_ptr<CompileServer> server_;
  const bool uses_tls_;
};

/// As a client's message would have it over sockets.
std::uint64_t versionWord(FullVersion version) {
  return std::uint64_t{version.config} << 32U | version.version;
}

}  // namespace

void requireGrpc() {}

std::shared_ptr<const Dialect> grpcDialect(const ReleaseOptions& release, const ProtocolOptions& protocol) {
  const std::string the_release = "grpc_2019";
  if (protocol.is_release_given && release.release != the_release) {
    throw CommandError(ExitStatus::wrongUsage,
                       fmt::format("--release: unknown release '{}'; with the backend grpc there is only {}",
                                   release.release, the_release));
  }
  if (protocol.is_build_given) {
    throw CommandError(ExitStatus::wrongUsage,
                       "--build: with the backend grpc there is only one; leave it out");
  }
  auto dialect = makeJitaasDialect(
      {.release = the_release, .tags = protocol.ignore_tags ? TagCheck::ignore : TagCheck::strict});
  if (!dialect) throw CommandError(ExitStatus::wrongUsage, dialect.error());
  return *dialect;
}

MakeConnectionSource grpcConnections(Runtime& runtime, const Endpoint& endpoint, std::size_t streams,
                                     const TlsFiles& tls, const Dialect& dialect) {
  CompileServerOptions options{.endpoint = endpoint, .streams = streams, .tls = readServerTls(tls)};
  options.announced_version = versionWord(dialect.announced);
  return
      [&runtime, options](ConnectionDispatcher& dispatcher) -> NetResult<std::unique_ptr<ConnectionSource>> {
        auto server = CompileServer::make(runtime, options, dispatcher);
        if (!server && server.error().code == NetErrc::tls)
          throw CommandError(ExitStatus::unreadableInput, server.error().detail);
        if (!server) return std::unexpected(server.error());
        return std::make_unique<GrpcConnections>(std::move(*server), options.tls.has_value());
      };
}

std::function<std::unique_ptr<ByteStream>()> connectionsToGrpc(Runtime& runtime, const Endpoint& server,
                                                               const TlsFiles& tls, std::int64_t timeout_ms) {
  CompileClientOptions options{.server = server, .tls = readClientTls(tls)};
  return [&runtime, options, timeout_ms] {
    const Instant deadline = runtime.now() + std::chrono::milliseconds(timeout_ms);
    auto stream = connectToCompileServer(runtime, options, deadline);
    if (!stream) {
      throw StreamFailure(StreamFailure::Cause::connect,
                          stream.error().detail + " (" + std::string(toString(stream.error().code)) + ")",
                          stream.error().code);
    }
    return std::move(*stream);
  };
}

}  // namespace jitrig
