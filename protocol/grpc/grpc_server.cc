#include "protocol/grpc/grpc_server.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "protocol/grpc/compile_service.grpc.pb.h"
#include "protocol/grpc/grpc_values.h"
#include "protocol/grpc/health.pb.h"
#include "protocol/grpc/hello.grpc.pb.h"

namespace jitrig {
namespace {

/// For all servers of the process that are made afterwards; gRPC has it no other way.
void enableHealthAndReflection() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    // gRPC's own health service brings no schema that reflection could show; this links ours.
    static_cast<void>(grpc::health::v1::HealthCheckRequest::descriptor());
  });
}

NetResult<std::shared_ptr<grpc::ServerCredentials>> credentialsOf(
    Runtime& runtime, const std::optional<TlsServerOptions>& tls) {
  if (!tls) return grpc::InsecureServerCredentials();
  if (const auto checked = TlsContext::makeServer(runtime, *tls); !checked)
    return std::unexpected(NetError{NetErrc::tls, checked.error().detail});
  grpc_ssl_client_certificate_request_type request = GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
  if (tls->client_root_certificates) {
    request = tls->require_client_certificate ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                              : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  grpc::SslServerCredentialsOptions options(request);
  options.pem_key_cert_pairs.push_back(
      {tls->identity.private_key.text, tls->identity.certificate_chain.text});
  if (tls->client_root_certificates) options.pem_root_certs = tls->client_root_certificates->text;
  return grpc::SslServerCredentials(options);
}

/// gRPC says it in its log only.
NetError cannotListen(const Endpoint& endpoint) {
  const std::string why = takeGrpcError();
  const bool taken = why.find("Address already in use") != std::string::npos;
  return {taken ? NetErrc::addressInUse : NetErrc::other,
          fmt::format("listen on {}: {}", toString(endpoint), why.empty() ? "gRPC does not say why" : why)};
}

}  // namespace

struct GrpcServer::State {
  /// Its messages pass as bytes: the frames above hold the same values.
  using CompileService = JITaaS::J9CompileService::WithRawMethod_Compile<JITaaS::J9CompileService::Service>;

  class HelloService final : public hello::HelloService::Service {
    grpc::Status Hello(grpc::ServerContext* /*context*/, const hello::HelloRequest* request,
                       hello::HelloReply* reply) override {
      reply->set_message("Hello " + request->x());
      return grpc::Status::OK;
    }
  };

  CompileService compile_service;
  HelloService hello_service;
  std::unique_ptr<grpc::ServerCompletionQueue> new_calls;
  int port = 0;
  std::mutex mutex;  // nobody registers once the queue is shut down
  bool is_shut_down = false;
  std::unique_ptr<grpc::Server> server;
};

GrpcServer::GrpcServer(Runtime& runtime, std::unique_ptr<State> state)
    : runtime_(runtime), state_(std::move(state)) {}

NetResult<std::unique_ptr<GrpcServer>> GrpcServer::make(Runtime& runtime,
                                                        const CompileServerOptions& options) {
  quietGrpc();
  enableHealthAndReflection();
  const auto credentials = credentialsOf(runtime, options.tls);
  if (!credentials) return std::unexpected(credentials.error());
  auto state = std::make_unique<State>();
  grpc::ServerBuilder builder;
  // Else a second server on the same port would take half of its calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_size_bytes));
  builder.SetMaxSendMessageSize(static_cast<int>(options.max_message_size_bytes));
  builder.AddListeningPort(toString(options.endpoint), *credentials, &state->port);
  builder.RegisterService(&state->compile_service);
  builder.RegisterService(&state->hello_service);
  state->new_calls = builder.AddCompletionQueue();
  takeGrpcError();
  state->server = builder.BuildAndStart();
  if (!state->server || state->port == 0) return std::unexpected(cannotListen(options.endpoint));
  if (auto* health = state->server->GetHealthCheckService()) {
    health->SetServingStatus(JITaaS::J9CompileService::service_full_name(), true);
    health->SetServingStatus(hello::HelloService::service_full_name(), true);
  }
  return std::unique_ptr<GrpcServer>(new GrpcServer(runtime, std::move(state)));
}

GrpcServer::~GrpcServer() {
  shutdown(kAtOnce);
  while (next()) continue;
}

std::uint16_t GrpcServer::port() const {
  return static_cast<std::uint16_t>(state_->port);
}

bool GrpcServer::requestCompile(grpc::ServerContext* context, ServerCallStream::Stream* stream,
                                grpc::CompletionQueue* queue, std::size_t number) {
  const std::lock_guard lock(state_->mutex);
  if (state_->is_shut_down) return false;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the tag is the number
  void* tag = reinterpret_cast<void*>(number);
  state_->compile_service.RequestCompile(context, stream, queue, state_->new_calls.get(), tag);
  return true;
}

std::optional<GrpcServer::Arrival> GrpcServer::next() {
  void* tag = nullptr;
  bool ok = false;
  if (!state_->new_calls->Next(&tag, &ok)) return std::nullopt;
  return Arrival{.number = reinterpret_cast<std::size_t>(tag), .is_call = ok};
}

/// A client is asked to acknowledge that it has read all (HTTP/2: GOAWAY and PING). Closed before that, a
/// connection may break under what the client still writes, and what it has not read yet is lost.
void GrpcServer::shutdown(Instant deadline) {
  {
    const std::lock_guard lock(state_->mutex);
    if (std::exchange(state_->is_shut_down, true)) return;
  }
  state_->server->Shutdown(deadlineOf(runtime_, deadline));
  state_->new_calls->Shutdown();
}

}  // namespace jitrig
