#include "protocol/grpc/compile_client.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/grpc/client_call.h"
#include "protocol/grpc/client_channel.h"
#include "protocol/grpc/compile_byte_stream.h"
#include "protocol/grpc/compile_frames.h"

namespace jitrig {
namespace {

class CompileClientStream final : public CompileByteStream {
 public:
  CompileClientStream(Runtime& runtime, std::unique_ptr<ClientCall> call, const std::string& stream_name,
                      Duration finish_timeout)
      : CompileByteStream(runtime, stream_name.empty() ? "client" : stream_name, call->peerName()),
        has_name_(!stream_name.empty()),
        call_(std::move(call)),
        finish_timeout_(finish_timeout) {}

  ~CompileClientStream() override {
    call_->cancel();
    stopWatching();
  }

 private:
  CompileCall& call() override { return *call_; }

  NetResult<void> receive(std::vector<std::byte>& frame, Instant deadline) override {
    const bool is_surplus = surplus_.has_value();
    if (is_surplus) {
      message_ = *std::exchange(surplus_, std::nullopt);
    } else if (auto read = call_->read(message_, deadline); !read) {
      return read;
    }
    const auto type = serverFrameOf(message_, frame);
    if (!type) return std::unexpected(type.error());
    if (!is_surplus && endsCompilation(*type)) surplus_ = endCall();
    return {};
  }

  /// What a server says behind the end of a compilation is out of turn, for whoever reads to notice.
  bool hasUnread() const override { return surplus_.has_value(); }
  bool inCall() const override { return call_->inCall(); }

  NetResult<void> send(std::span<const std::byte> bytes, Instant deadline) override {
    const auto frame = readCompileFrame(bytes);
    if (!frame) return std::unexpected(frame.error());
    switch (frame->type) {
      case CompileFrameType::kClientSessionTerminate:
      case CompileFrameType::kConnectionTerminate: endCall(); return {};
      case CompileFrameType::kCompilationRequest: endCall(); break;
      default: break;
    }
    if (!call_->inCall()) {
      if (auto begun = beginCall(); !begun) return begun;
    }
    const auto message = clientMessageOf(*frame, outgoing_);
    if (frame->type != CompileFrameType::kCompilationInterrupted) return call_->write(message, deadline);
    auto sent = call_->writeLast(message, deadline);
    endCall();
    return sent;
  }

  NetResult<void> beginCall() {
    if (std::exchange(had_call_, true) && has_name_) {
      return std::unexpected(
          NetError{NetErrc::reset, "call of " + call_->peerName() + ": it is over, and the stream with it"});
    }
    return call_->begin();
  }

  std::optional<std::vector<std::byte>> endCall() { return call_->end(runtime().now() + finish_timeout_); }

  const bool has_name_;  ///< which the server is told for its only call
  bool had_call_ = false;
  const std::unique_ptr<ClientCall> call_;
  const Duration finish_timeout_;
  std::vector<std::byte> message_;  ///< that was received last
  std::vector<std::byte> outgoing_;
  std::optional<std::vector<std::byte>> surplus_;
};

}  // namespace

NetResult<std::unique_ptr<ByteStream>> connectToCompileServer(Runtime& runtime,
                                                              const CompileClientOptions& options,
                                                              Instant deadline) {
  auto channel = connectChannel(runtime, options, deadline);
  if (!channel) return std::unexpected(channel.error());
  const std::string peer = toString(options.server);
  auto call = options.synchronous ? makeSynchronousClientCall(std::move(*channel), peer)
                                  : makeClientCall(runtime, std::move(*channel), peer, options.stream_name);
  return std::make_unique<CompileClientStream>(runtime, std::move(call), options.stream_name,
                                               std::chrono::milliseconds(options.finish_timeout_ms));
}

}  // namespace jitrig
