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
#include "scenarios/file/older_generation.h"

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

MakeConnectionSource sourceOf(Runtime& runtime, const CompileServerOptions& options) {
  return
      [&runtime, options](ConnectionDispatcher& dispatcher) -> NetResult<std::unique_ptr<ConnectionSource>> {
        auto server = CompileServer::make(runtime, options, dispatcher);
        if (!server && server.error().code == NetErrc::tls)
          throw CommandError(ExitStatus::unreadableInput, server.error().detail);
        if (!server) return std::unexpected(server.error());
        return std::make_unique<GrpcConnections>(std::move(*server), options.tls.has_value());
      };
}

std::unique_ptr<ByteStream> connectOrThrow(Runtime& runtime, const CompileClientOptions& options,
                                           std::int64_t timeout_ms) {
  const Instant deadline = runtime.now() + std::chrono::milliseconds(timeout_ms);
  auto stream = connectToCompileServer(runtime, options, deadline);
  if (stream) return std::move(*stream);
  throw StreamFailure(StreamFailure::Cause::connect,
                      stream.error().detail + " (" + std::string(toString(stream.error().code)) + ")",
                      stream.error().code);
}

}  // namespace

bool hasGrpc() {
  return true;
}

void requireGrpc() {}

std::shared_ptr<const Dialect> grpcDialect(const ReleaseOptions& release, const ProtocolOptions& protocol) {
  if (protocol.is_release_given && release.release != kGrpcRelease) {
    throw CommandError(ExitStatus::wrongUsage,
                       fmt::format("--release: unknown release '{}'; with the backend grpc there is only {}",
                                   release.release, kGrpcRelease));
  }
  if (protocol.is_build_given) {
    throw CommandError(ExitStatus::wrongUsage,
                       "--build: with the backend grpc there is only one; leave it out");
  }
  auto dialect = makeJitaasDialect(
      {.release = kGrpcRelease, .tags = protocol.ignore_tags ? TagCheck::ignore : TagCheck::strict});
  if (!dialect) throw CommandError(ExitStatus::wrongUsage, dialect.error());
  return *dialect;
}

MakeConnectionSource grpcConnections(Runtime& runtime, const Endpoint& endpoint, std::size_t streams,
                                     const TlsFiles& tls, const Dialect& dialect) {
  return sourceOf(runtime, {.endpoint = endpoint,
                            .streams = streams,
                            .tls = readServerTls(tls),
                            .announced_version = versionWord(dialect.announced)});
}

std::function<std::unique_ptr<ByteStream>()> connectionsToGrpc(Runtime& runtime, const Endpoint& server,
                                                               const TlsFiles& tls, std::int64_t timeout_ms) {
  const CompileClientOptions options{.server = server, .tls = readClientTls(tls)};
  return [&runtime, options, timeout_ms] { return connectOrThrow(runtime, options, timeout_ms); };
}

std::shared_ptr<const RunBackend> grpcRunBackend() {
  RunBackend backend{.name = "grpc", .listen = {}, .connect = {}};
  backend.listen = [](Runtime& runtime, const Endpoint& endpoint, const Dialect& dialect,
                      const std::optional<TlsServerOptions>& tls) {
    return sourceOf(runtime,
                    {.endpoint = endpoint, .tls = tls, .announced_version = versionWord(dialect.announced)});
  };
  backend.connect = [](Runtime& runtime, const Endpoint& server, const std::string& stream_name,
                       const std::optional<TlsClientOptions>& tls, std::int64_t timeout_ms) {
    return connectOrThrow(runtime, {.server = server, .tls = tls, .stream_name = stream_name}, timeout_ms);
  };
  return std::make_shared<const RunBackend>(std::move(backend));
}

}  // namespace jitrig
