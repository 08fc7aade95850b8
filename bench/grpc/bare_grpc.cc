#include "bench/grpc/bare_grpc.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <stdexcept>
#include <thread>

#include "protocol/grpc/compile_service.grpc.pb.h"

namespace jitrig::bench {
namespace {

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

/// What is asked and answered are bytes that lie ready.
struct Bytes {
  using Service = grpc::AsyncGenericService;
  using ServerContext = grpc::GenericServerContext;
  using ServerStream = grpc::GenericServerAsyncReaderWriter;
  using ClientStream = grpc::GenericClientAsyncReaderWriter;
  using Question = grpc::ByteBuffer;
  using Answer = grpc::ByteBuffer;

  grpc::ByteBuffer asked;
  grpc::ByteBuffer answered;

  static void add(grpc::ServerBuilder& builder, Service& service) {
    builder.RegisterAsyncGenericService(&service);
  }
  static void request(Service& service, ServerContext& context, ServerStream& stream,
                      grpc::ServerCompletionQueue* queue) {
    service.RequestCall(&context, &stream, queue, queue, nullptr);
  }
  static std::unique_ptr<ClientStream> start(const std::shared_ptr<grpc::Channel>& channel,
                                             grpc::ClientContext& context, grpc::CompletionQueue* queue) {
    auto call = grpc::GenericStub(channel).PrepareCall(&context, "/bare/Bare", queue);
    call->StartCall(nullptr);
    return call;
  }
  const grpc::ByteBuffer& question() const { return asked; }
  const grpc::ByteBuffer& answer(const grpc::ByteBuffer& /*question*/) const { return answered; }
  void take(const grpc::ByteBuffer& /*answer*/) const {}
};

/// What is asked and answered are objects of the generated classes, made for each message.
struct Messages {
  using Service = JITaaS::J9CompileService::AsyncService;
  using ServerContext = grpc::ServerContext;
  using ServerStream = grpc::ServerAsyncReaderWriter<JITaaS::J9ServerMessage, JITaaS::J9ClientMessage>;
  using ClientStream = grpc::ClientAsyncReaderWriter<JITaaS::J9ClientMessage, JITaaS::J9ServerMessage>;
  using Question = JITaaS::J9ClientMessage;
  using Answer = JITaaS::J9ServerMessage;

  struct Values {
    std::uint64_t pointer;
    std::int32_t number;
  };
  std::int32_t count = 0;

  static void add(grpc::ServerBuilder& builder, Service& service) { builder.RegisterService(&service); }
  static void request(Service& service, ServerContext& context, ServerStream& stream,
                      grpc::ServerCompletionQueue* queue) {
    service.RequestCompile(&context, &stream, queue, queue, nullptr);
  }
  static std::unique_ptr<ClientStream> start(const std::shared_ptr<grpc::Channel>& channel,
                                             grpc::ClientContext& context, grpc::CompletionQueue* queue) {
    return JITaaS::J9CompileService::NewStub(channel)->AsyncCompile(&context, queue, nullptr);
  }
  Question question() {
    Question question;
    question.set_status(true);
    fill(*question.mutable_data(), {0x7f0012345678, ++count});
    return question;
  }
  static Answer answer(const Question& question) {
    Answer answer;
    answer.set_type(JITaaS::VM_dereferenceStaticAddress);
    fill(*answer.mutable_data(), valuesOf(question.data()));
    return answer;
  }
  void take(const Answer& answer) const {
    if (valuesOf(answer.data()).number != count) throw std::runtime_error("the answer is not what was asked");
  }

  static void fill(JITaaS::AnyData& data, Values values) {
    JITaaS::Any& pointer = *data.add_data();
    pointer.set_extendedtypetag(7);
    pointer.set_uint64_v(values.pointer);
    data.add_data()->set_int32_v(values.number);
  }
  static Values valuesOf(const JITaaS::AnyData& data) {
    if (data.data_size() != 2 || !data.data(0).has_uint64_v() || !data.data(1).has_int32_v())
      throw std::runtime_error("the values are not a pointer and an int32");
    return {data.data(0).uint64_v(), data.data(1).int32_v()};
  }
};

template <class Kind>
class BarePingPong final : public BareGrpc {
 public:
  explicit BarePingPong(Kind kind) : kind_(std::move(kind)) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    Kind::add(builder, service_);
    server_queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    thread_ = std::thread([this] { serve(); });
    const auto channel =
        grpc::CreateChannel(fmt::format("127.0.0.1:{}", port), grpc::InsecureChannelCredentials());
    call_ = Kind::start(channel, context_, &queue_);
    if (!done(queue_)) throw std::runtime_error("the bare call did not begin");
  }

  ~BarePingPong() override {
    call_->WritesDone(nullptr);
    done(queue_);
    grpc::Status status;
    call_->Finish(&status, nullptr);
    done(queue_);
    thread_.join();
    server_->Shutdown();
    shutDown(*server_queue_);
    shutDown(queue_);
  }

  void roundTrip() override {
    call_->Write(kind_.question(), nullptr);
    const bool written = done(queue_);
    typename Kind::Answer answer;
    call_->Read(&answer, nullptr);
    if (!done(queue_) || !written) throw std::runtime_error("the bare call broke");
    kind_.take(answer);
  }

 private:
  void serve() {
    typename Kind::ServerContext server_context;
    typename Kind::ServerStream stream(&server_context);
    Kind::request(service_, server_context, stream, server_queue_.get());
    bool well = done(*server_queue_);
    while (well) {
      typename Kind::Question question;
      stream.Read(&question, nullptr);
      if (!done(*server_queue_)) break;
      stream.Write(kind_.answer(question), nullptr);
      well = done(*server_queue_);
    }
    stream.Finish(grpc::Status::OK, nullptr);
    done(*server_queue_);
  }

  Kind kind_;
  typename Kind::Service service_;
  std::unique_ptr<grpc::ServerCompletionQueue> server_queue_;
  std::unique_ptr<grpc::Server> server_;
  std::thread thread_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<typename Kind::ClientStream> call_;
};

grpc::ByteBuffer bufferOf(std::span<const std::byte> bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return {&slice, 1};
}

}  // namespace

void offerHealthService() {
  grpc::EnableDefaultHealthCheckService(true);
}

std::unique_ptr<BareGrpc> makeBareBytes(std::span<const std::byte> asked,
                                        std::span<const std::byte> answered) {
  return std::make_unique<BarePingPong<Bytes>>(Bytes{bufferOf(asked), bufferOf(answered)});
}

std::unique_ptr<BareGrpc> makeBareMessages() {
  return std::make_unique<BarePingPong<Messages>>(Messages{});
}

}  // namespace jitrig::bench
