#include "bench/grpc/bare_grpc.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <stdexcept>
#include <thread>

namespace jitrig::bench {
namespace {

grpc::ByteBuffer bufferOf(std::span<const std::byte> bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return {&slice, 1};
}

/// Whether the operation that was asked for went well.
bool done(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

void shutDown(grpc::CompletionQueue& queue) {
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) continue;
}

}  // namespace

struct BareGrpc::State {
  grpc::AsyncGenericService service;
  std::unique_ptr<grpc::ServerCompletionQueue> server_queue;
  std::unique_ptr<grpc::Server> server;
  std::thread thread;
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;
  grpc::ByteBuffer asked;
  grpc::ByteBuffer answered;

  void serve() {
    grpc::GenericServerContext server_context;
    grpc::GenericServerAsyncReaderWriter stream(&server_context);
    service.RequestCall(&server_context, &stream, server_queue.get(), server_queue.get(), nullptr);
    bool well = done(*server_queue);
    while (well) {
      grpc::ByteBuffer message;
      stream.Read(&message, nullptr);
      if (!done(*server_queue)) break;
      stream.Write(answered, nullptr);
      well = done(*server_queue);
    }
    stream.Finish(grpc::Status::OK, nullptr);
    done(*server_queue);
  }
};

BareGrpc::BareGrpc(std::span<const std::byte> asked, std::span<const std::byte> answered)
    : state_(std::make_unique<State>()) {
  state_->asked = bufferOf(asked);
  state_->answered = bufferOf(answered);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterAsyncGenericService(&state_->service);
  state_->server_queue = builder.AddCompletionQueue();
  state_->server = builder.BuildAndStart();
  state_->thread = std::thread([this] { state_->serve(); });
  const auto channel =
      grpc::CreateChannel(fmt::format("127.0.0.1:{}", port), grpc::InsecureChannelCredentials());
  state_->call = grpc::GenericStub(channel).PrepareCall(&state_->context, "/bare/Bare", &state_->queue);
  state_->call->StartCall(nullptr);
  if (!done(state_->queue)) throw std::runtime_error("the bare call did not begin");
}

BareGrpc::~BareGrpc() {
  state_->call->WritesDone(nullptr);
  done(state_->queue);
  grpc::Status status;
  state_->call->Finish(&status, nullptr);
  done(state_->queue);
  state_->thread.join();
  state_->server->Shutdown();
  shutDown(*state_->server_queue);
  shutDown(state_->queue);
}

void BareGrpc::roundTrip() {
  state_->call->Write(state_->asked, nullptr);
  const bool written = done(state_->queue);
  grpc::ByteBuffer answer;
  state_->call->Read(&answer, nullptr);
  if (!done(state_->queue) || !written) throw std::runtime_error("the bare call broke");
}

}  // namespace jitrig::bench
