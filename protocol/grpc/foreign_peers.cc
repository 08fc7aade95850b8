#include "protocol/grpc/foreign_peers.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <utility>

#include "protocol/grpc/compile_service.grpc.pb.h"
#include "protocol/grpc/hello.grpc.pb.h"

namespace jitrig {
namespace {

void addValues(JITaaS::AnyData& data, const std::vector<std::uint64_t>& values) {
  for (const std::uint64_t value : values) {
    auto* any = data.add_data();
    any->set_extendedtypetag(3);
    any->set_uint64_v(value);
  }
}

std::string firstAnswer(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& request) {
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  const auto stream = grpc::GenericStub(channel).PrepareCall(&context, method, &queue);
  void* tag = nullptr;
  bool ok = false;
  stream->StartCall(nullptr);
  queue.Next(&tag, &ok);
  const grpc::Slice slice(request);
  stream->WriteLast(grpc::ByteBuffer(&slice, 1), {}, nullptr);
  queue.Next(&tag, &ok);
  grpc::ByteBuffer answer;
  stream->Read(&answer, nullptr);
  queue.Next(&tag, &ok);
  grpc::Status status;
  grpc::ByteBuffer none;
  while (ok) {
    stream->Read(&none, nullptr);
    queue.Next(&tag, &ok);
  }
  stream->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) continue;
  if (!status.ok())
    return fmt::format("{} {}", static_cast<int>(status.error_code()), status.error_message());
  grpc::Slice whole;
  return answer.DumpToSingleSlice(&whole).ok() ? std::string(whole.begin(), whole.end()) : "";
}

}  // namespace

struct ForeignClient::State {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<JITaaS::J9CompileService::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<JITaaS::J9ClientMessage, JITaaS::J9ServerMessage>> stream;
};

ForeignClient::ForeignClient(std::uint16_t port) : state_(std::make_unique<State>()) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  state_->channel = grpc::CreateCustomChannel(fmt::format("127.0.0.1:{}", port),
                                              grpc::InsecureChannelCredentials(), arguments);
  state_->stub = JITaaS::J9CompileService::NewStub(state_->channel);
  state_->context.set_wait_for_ready(true);  // gRPC's first attempt may fail for nothing: client_channel.cc
}

ForeignClient::~ForeignClient() {
  if (!state_->stream) return;
  cancel();
  finish();
}

bool ForeignClient::write(bool status, const std::vector<std::uint64_t>& values) {
  if (!state_->stream) state_->stream = state_->stub->Compile(&state_->context);
  JITaaS::J9ClientMessage message;
  message.set_status(status);
  addValues(*message.mutable_data(), values);
  return state_->stream->Write(message);
}

std::optional<std::string> ForeignClient::read() {
  JITaaS::J9ServerMessage message;
  if (!state_->stream->Read(&message)) return std::nullopt;
  return message.ShortDebugString();
}

void ForeignClient::writesDone() {
  state_->stream->WritesDone();
}

void ForeignClient::cancel() {
  state_->context.TryCancel();
}

std::string ForeignClient::finish() {
  while (read()) continue;
  const grpc::Status status = state_->stream->Finish();
  state_->stream.reset();
  return fmt::format("{} {}", static_cast<int>(status.error_code()), status.error_message());
}

std::string ForeignClient::hello(const std::string& x) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  hello::HelloRequest request;
  request.set_x(x);
  hello::HelloReply reply;
  const grpc::Status status = hello::HelloService::NewStub(state_->channel)->Hello(&context, request, &reply);
  return status.ok() ? reply.message() : status.error_message();
}

std::string ForeignClient::health(const std::string& service) {
  const std::string request =
      service.empty() ? "" : fmt::format("\x0a{}{}", static_cast<char>(service.size()), service);
  return firstAnswer(state_->channel, "/grpc.health.v1.Health/Check", request);
}

std::string ForeignClient::reflection(const std::string& symbol) {
  constexpr const char* kMethod = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  const std::string request = symbol.empty()
                                  ? std::string("\x3a\x00", 2)
                                  : fmt::format("\x22{}{}", static_cast<char>(symbol.size()), symbol);
  return firstAnswer(state_->channel, kMethod, request);
}

struct ForeignServer::State {
  class Service final : public JITaaS::J9CompileService::Service {
   public:
    explicit Service(std::function<int(ForeignServerCall&)> serve) : serve_(std::move(serve)) {}

   private:
    using Stream = grpc::ServerReaderWriter<JITaaS::J9ServerMessage, JITaaS::J9ClientMessage>;

    class Call final : public ForeignServerCall {
     public:
      explicit Call(Stream& stream) : stream_(stream) {}
      std::optional<std::string> read() override {
        JITaaS::J9ClientMessage message;
        if (!stream_.Read(&message)) return std::nullopt;
        return message.ShortDebugString();
      }
      bool write(std::int32_t type, const std::vector<std::uint64_t>& values) override {
        JITaaS::J9ServerMessage message;
        message.set_type(static_cast<JITaaS::J9ServerMessageType>(type));
        addValues(*message.mutable_data(), values);
        return stream_.Write(message);
      }

     private:
      Stream& stream_;
    };

    grpc::Status Compile(grpc::ServerContext* /*context*/, Stream* stream) override {
      Call call(*stream);
      const auto code = static_cast<grpc::StatusCode>(serve_(call));
      return code == grpc::StatusCode::OK ? grpc::Status::OK : grpc::Status(code, "as the test wants it");
    }

    std::function<int(ForeignServerCall&)> serve_;
  };

  explicit State(std::function<int(ForeignServerCall&)> serve) : service(std::move(serve)) {}
  Service service;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

ForeignServer::ForeignServer(std::function<int(ForeignServerCall&)> serve)
    : state_(std::make_unique<State>(std::move(serve))) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &state_->port);
  builder.RegisterService(&state_->service);
  state_->server = builder.BuildAndStart();
}

ForeignServer::~ForeignServer() {
  state_->server->Shutdown(gpr_inf_past(GPR_CLOCK_MONOTONIC));
}

std::uint16_t ForeignServer::port() const {
  return static_cast<std::uint16_t>(state_->port);
}

}  // namespace jitrig
