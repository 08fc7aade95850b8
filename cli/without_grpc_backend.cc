#include "cli/exit_status.h"
#include "cli/grpc_backend.h"

// In the place of grpc_backend.cc where the gRPC backend is left out.
namespace jitrig {
namespace {

[[noreturn]] void refuseGrpc() {
  throw CommandError(
      ExitStatus::wrongUsage,
      "--backend: grpc, or JITAAS_USE_GRPC in the environment: this jitrig was built without gRPC "
      "(JITRIG_GRPC=OFF); expected sockets");
}

}  // namespace

bool hasGrpc() {
  return false;
}

void requireGrpc() {
  refuseGrpc();
}

std::shared_ptr<const Dialect> grpcDialect(const ReleaseOptions& /*release*/,
                                           const ProtocolOptions& /*protocol*/) {
  refuseGrpc();
}

MakeConnectionSource grpcConnections(Runtime& /*runtime*/, const Endpoint& /*endpoint*/,
                                     std::size_t /*streams*/, const TlsFiles& /*tls*/,
                                     const Dialect& /*dialect*/) {
  refuseGrpc();
}

std::shared_ptr<const RunBackend> grpcRunBackend() {
  refuseGrpc();
}

std::function<std::unique_ptr<ByteStream>()> connectionsToGrpc(Runtime& /*runtime*/,
                                                               const Endpoint& /*server*/,
                                                               const TlsFiles& /*tls*/,
                                                               std::int64_t /*timeout_ms*/) {
  refuseGrpc();
}

}  // namespace jitrig
