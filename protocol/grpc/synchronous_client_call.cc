#include <atomic>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <mutex>
#include <optional>
#include <utility>

#include "protocol/grpc/client_call.h"
#include "protocol/grpc/compile_service.grpc.pb.h"
#include "protocol/grpc/grpc_values.h"

namespace jitrig {
namespace {

class SynchronousClientCall final : public ClientCall {
 public:
  SynchronousClientCall(std::shared_ptr<grpc::Channel> channel, std::string peer)
      : stub_(JITaaS::J9CompileService::NewStub(std::move(channel))), peer_(std::move(peer)) {}

  ~SynchronousClientCall() override {
    if (!stream_) return;
    context_->TryCancel();
    end(kNever);
  }

  NetResult<void> begin() override {
    const std::lock_guard lock(mutex_);
    if (broken_) return std::unexpected(*broken_);
    context_.emplace();
    context_->set_initial_metadata_corked(true);
    stream_ = stub_->Compile(&*context_);
    status_.reset();
    writes_done_ = false;
    return {};
  }

  bool inCall() const override { return stream_ != nullptr; }
  bool readable() const override { return has_message_ || is_broken_; }

  bool waitReadable(Instant deadline) override {
    if (readable() || deadline == kAtOnce || !stream_) return readable();
    const std::lock_guard lock(reading_);
    if (!has_message_) has_message_ = stream_->Read(&message_);
    return true;
  }

  NetResult<void> read(std::vector<std::byte>& message, Instant) override {
    if (!stream_) return std::unexpected(failure());
    const std::lock_guard lock(reading_);
    if (!has_message_.exchange(false) && !stream_->Read(&message_)) return std::unexpected(failure());
    message = bytesOfMessage();
    return {};
  }

  NetResult<void> write(std::span<const std::byte> message, Instant) override {
    return writeWith(message, {});
  }

  NetResult<void> writeLast(std::span<const std::byte> message, Instant) override {
    const auto done = writeWith(message, grpc::WriteOptions().set_last_message());
    writes_done_ = true;
    return done;
  }

  NetResult<void> closeWrite(Instant) override {
    if (!stream_ || std::exchange(writes_done_, true) || !stream_->WritesDone())
      return std::unexpected(failure());
    return {};
  }

  std::optional<std::vector<std::byte>> end(Instant) override {
    if (!stream_) return std::nullopt;
    if (!std::exchange(writes_done_, true)) stream_->WritesDone();
    std::optional<std::vector<std::byte>> surplus;
    if (has_message_) surplus = bytesOfMessage();
    while (stream_->Read(&message_)) {
      if (!surplus) surplus = bytesOfMessage();
    }
    if (!status_) status_ = stream_->Finish();
    const std::lock_guard lock(mutex_);
    has_message_ = false;
    stream_.reset();
    context_.reset();
    return surplus;
  }

  void cancel() override { breakOff({NetErrc::cancelled, "call of " + peer_ + ": cancelled"}); }
  void reset() override { breakOff({NetErrc::reset, "call of " + peer_ + ": reset by this side"}); }
  std::string peerName() const override { return peer_; }

 private:
  std::vector<std::byte> bytesOfMessage() const {
    std::vector<std::byte> bytes(message_.ByteSizeLong());
    message_.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  NetResult<void> writeWith(std::span<const std::byte> bytes, grpc::WriteOptions options) {
    JITaaS::J9ClientMessage message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
      return std::unexpected(NetError{NetErrc::other, "call of " + peer_ + ": no J9ClientMessage"});
    if (!stream_ || writes_done_ || !stream_->Write(message, options)) return std::unexpected(failure());
    return {};
  }

  /// Finish() waits for what was not read: the call is over anyway.
  NetError failure() {
    if (stream_ && !status_) {
      while (stream_->Read(&message_)) continue;
      status_ = stream_->Finish();
    }
    const std::lock_guard lock(mutex_);
    if (broken_) return *broken_;
    if (!stream_) return {NetErrc::endOfFile, "call of " + peer_ + ": there is none"};
    return netErrorOf(*status_, peer_);
  }

  void breakOff(NetError why) {
    const std::lock_guard lock(mutex_);
    if (!broken_) broken_ = std::move(why);
    is_broken_ = true;
    if (context_) context_->TryCancel();
  }

  const std::unique_ptr<JITaaS::J9CompileService::Stub> stub_;
  const std::string peer_;
  std::unique_ptr<grpc::ClientReaderWriter<JITaaS::J9ClientMessage, JITaaS::J9ServerMessage>> stream_;
  std::mutex reading_;  // guards message_
  JITaaS::J9ServerMessage message_;
  std::atomic<bool> has_message_ = false;
  std::optional<grpc::Status> status_;  ///< of the call, once it is over
  bool writes_done_ = false;
  std::atomic<bool> is_broken_ = false;
  std::mutex mutex_;  // guards what follows against cancel() and reset()
  std::optional<grpc::ClientContext> context_;
  std::optional<NetError> broken_;
};

}  // namespace

std::unique_ptr<ClientCall> makeSynchronousClientCall(std::shared_ptr<grpc::Channel> channel,
                                                      std::string peer) {
  return std::make_unique<SynchronousClientCall>(std::move(channel), std::move(peer));
}

}  // namespace jitrig
