#include "bench/grpc/conversations.h"

#include <array>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include "protocol/grpc/compile_client.h"
#include "protocol/grpc/compile_frames.h"
#include "protocol/grpc/compile_server.h"
#include "protocol/jitaas/args_protobuf.h"
#include "protocol/jitaas/jitaas_framer.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/runtime/os/operating_system_runtime.h"
#include "protocol/stream/dialect.h"
#include "protocol/wire/args_raw.h"
#include "protocol/wire/framer.h"
#include "protocol/wire/message.h"

namespace jitrig::bench {
namespace {

constexpr std::int32_t kJitaasQuery = 303;  // VM_dereferenceStaticAddress
constexpr std::uint16_t kRawQuery = 200;
void* const kPointer = reinterpret_cast<void*>(std::uintptr_t{0x7f0012345678});  // NOLINT: never followed

using Values = std::pair<void*, std::int32_t>;

template <class T>
T orThrow(NetResult<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

/// Writes and reads whole messages, in a generation's format.
class MessageEnd {
 public:
  explicit MessageEnd(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}
  MessageEnd(const MessageEnd&) = delete;
  MessageEnd& operator=(const MessageEnd&) = delete;
  virtual ~MessageEnd() = default;
  virtual void write(Values values) = 0;
  /// False: the peer has closed.
  virtual bool read(Values& values) = 0;

  ByteStream& stream() { return *stream_; }

 private:
  std::unique_ptr<ByteStream> stream_;
};

class RawEnd final : public MessageEnd {
 public:
  using MessageEnd::MessageEnd;

  void write(Values values) override {
    outgoing_.start(kRawQuery);
    setArgs(outgoing_, values.first, values.second);
    const auto written = writeAll(stream(), outgoing_.serialize(), kNever);
    if (!written) throw std::runtime_error(written.error().detail);
  }

  bool read(Values& values) override {
    MessageBuffer buffer = received_.takeBuffer();
    while (!framer_.next(buffer).value()) {
      const auto count = stream().readSome(framer_.writable(), kNever);
      if (!count) return false;
      framer_.commit(*count);
    }
    received_ = std::move(Message::parse(std::move(buffer), {}).value());
    std::tie(values.first, values.second) = getArgs<void*, std::int32_t>(received_).value();
    return true;
  }

 private:
  Framer framer_;
  Message outgoing_{kRawQuery};
  Message received_;
};

class JitaasEnd final : public MessageEnd {
 public:
  using MessageEnd::MessageEnd;

  void write(Values values) override {
    outgoing_.start(kJitaasQuery);
    setArgs(outgoing_, values.first, values.second);
    outgoing_.serialize(written_);
    const auto written = writeAll(stream(), written_, kNever);
    if (!written) throw std::runtime_error(written.error().detail);
  }

  bool read(Values& values) override {
    while (!framer_.next(frame_).value()) {
      const auto count = stream().readSome(buffer_, kNever);
      if (!count) return false;
      framer_.append(std::span(buffer_).first(*count));
    }
    received_.read(frame_).value();
    std::tie(values.first, values.second) = getArgs<void*, std::int32_t>(received_);
    return true;
  }

 private:
  JitaasMessage outgoing_{kJitaasQuery};
  std::vector<std::byte> written_;
  JitaasMessage received_{kJitaasQuery};
  JitaasFramer framer_;
  std::vector<std::byte> frame_;
  std::array<std::byte, 4096> buffer_{};
};

class FrameEnd final : public MessageEnd {
 public:
  using MessageEnd::MessageEnd;

  void write(Values values) override {
    written_ = values;
    const auto written = writeAll(stream(), frame_, kNever);
    if (!written) throw std::runtime_error(written.error().detail);
  }

  bool read(Values& values) override {
    for (std::size_t had = 0; had < frame_.size();) {
      const auto count = stream().readSome(std::span(buffer_).subspan(had), kNever);
      if (!count) return false;
      had += *count;
    }
    values = written_;
    return true;
  }

 private:
  const std::vector<std::byte> frame_ = jitaasQuery();
  std::array<std::byte, 4096> buffer_{};
  Values written_;
};

/// Keeps the stream of the one call.
class OneCall final : public ConnectionDispatcher {
 public:
  explicit OneCall(Runtime& runtime)
      : mutex_(runtime.makeMutex("one call")), came_(runtime.makeCondition("one call")) {}

  void onConnection(std::unique_ptr<ByteStream> stream) override {
    const Lock lock(*mutex_);
    stream_ = std::move(stream);
    came_->notifyAll();
  }

  std::unique_ptr<ByteStream> take() {
    Lock lock(*mutex_);
    came_->wait(lock, kNever, [this] { return stream_ != nullptr; });
    return std::move(stream_);
  }

 private:
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> came_;
  std::unique_ptr<ByteStream> stream_;
};

/// Its number is as long as nearly all that a conversation counts.
JitaasMessage jitaasMessage(std::int32_t type) {
  JitaasMessage message(type);
  setArgs(message, kPointer, std::int32_t{0x1234});
  return message;
}

}  // namespace

struct Conversation::State {
  OperatingSystemRuntime runtime;
  OneCall call{runtime};
  std::unique_ptr<CompileServer> server;
  std::unique_ptr<MessageEnd> asks;
  std::unique_ptr<MessageEnd> answers;
  std::unique_ptr<Task> answering;
  std::int32_t count = 0;

  template <class End>
  void overSockets() {
    const auto acceptor = orThrow(runtime.listen({.host = "127.0.0.1", .port = 0}));
    auto connection = orThrow(runtime.connect({.host = "127.0.0.1", .port = acceptor->port()}, kNever));
    answers = std::make_unique<End>(std::make_unique<ConnectionByteStream>(std::move(connection)));
    asks = std::make_unique<End>(std::make_unique<ConnectionByteStream>(orThrow(acceptor->accept(kNever))));
  }

  template <class End>
  void overGrpc() {
    CompileServerOptions options;
    options.endpoint.port = 0;
    server = orThrow(CompileServer::make(runtime, options, call));
    server->start();
    CompileClientOptions client;
    client.server.port = server->port();
    auto stream = orThrow(connectToCompileServer(runtime, client, kNever));
    // The call begins with the request.
    if (!writeAll(*stream, jitaasMessage(CompileFrameType::kCompilationRequest).serialize(), kNever))
      throw std::runtime_error("the request was not written");
    answers = std::make_unique<End>(std::move(stream));
    auto serving = call.take();
    std::array<std::byte, 256> request{};
    orThrow(serving->readSome(request, kNever));
    asks = std::make_unique<End>(std::move(serving));
  }
};

Conversation::Conversation(Generation generation) : state_(std::make_unique<State>()) {
  switch (generation) {
    case Generation::raw: state_->overSockets<RawEnd>(); break;
    case Generation::protobufSockets: state_->overSockets<JitaasEnd>(); break;
    case Generation::grpc: state_->overGrpc<JitaasEnd>(); break;
    case Generation::grpcFrames: state_->overGrpc<FrameEnd>(); break;
  }
  state_->answering = state_->runtime.spawn("answering", [&end = *state_->answers] {
    Values values;
    while (end.read(values)) end.write(values);
  });
}

Conversation::~Conversation() {
  state_->asks->stream().reset();
  state_->answering->join();
  state_->answers.reset();
  state_->asks.reset();
  if (state_->server) state_->server->stop();
}

void Conversation::roundTrip() {
  Values values{kPointer, ++state_->count};
  state_->asks->write(values);
  Values answer;
  if (!state_->asks->read(answer) || answer != values)
    throw std::runtime_error("the answer is not what was asked");
}

std::vector<std::byte> jitaasQuery() {
  return jitaasMessage(kJitaasQuery).serialize();
}

std::vector<std::byte> jitaasAnswer() {
  return jitaasMessage(kJitaasQuery).serialize();
}

}  // namespace jitrig::bench
