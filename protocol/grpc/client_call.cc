#include "protocol/grpc/client_call.h"

#include <atomic>
#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "protocol/grpc/call_queue.h"
#include "protocol/grpc/grpc_values.h"

namespace jitrig {
namespace {

constexpr const char* kCompileMethod = "/JITaaS.J9CompileService/Compile";

/// What ends when the call ends.
struct CallInProgress {
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream;
  grpc::ByteBuffer incoming;
  grpc::Status status;
};

class AsynchronousClientCall final : public ClientCall {
 public:
  AsynchronousClientCall(Runtime& runtime, std::shared_ptr<grpc::Channel> channel, std::string peer,
                         std::string stream_name)
      : stub_(std::move(channel)),
        peer_(std::move(peer)),
        stream_name_(std::move(stream_name)),
        queue_(std::make_unique<CallQueue>(runtime)) {}

  /// In the middle of a call: it is cancelled, its queue shut down and drained.
  ~AsynchronousClientCall() override {
    if (in_call_) call_->context.TryCancel();
    queue_.reset();
  }

  NetResult<void> begin() override {
    const std::lock_guard lock(mutex_);
    if (broken_) return std::unexpected(*broken_);
    auto call = std::make_unique<CallInProgress>();
    // The call's begin goes with its first message: one packet, one wait.
    call->context.set_initial_metadata_corked(true);
    if (!stream_name_.empty()) call->context.AddMetadata(kStreamNameKey, stream_name_);
    call->stream = stub_.PrepareCall(&call->context, kCompileMethod, queue_->queue());
    call->stream->StartCall(nullptr);
    call_ = std::move(call);
    at_end_ = false;
    writes_done_ = false;
    in_call_ = true;
    return {};
  }

  bool inCall() const override { return in_call_; }
  /// Between two calls there is nothing to read, and it is not the end.
  bool readable() const override { return is_broken_ || (in_call_ && (at_end_ || read_.done())); }

  bool waitReadable(Instant deadline) override {
    if (readable()) return true;
    if (!startRead()) return readable();
    queue_->wait(read_, deadline);
    return readable();
  }

  NetResult<void> read(std::vector<std::byte>& message, Instant deadline) override {
    if (!startRead()) return std::unexpected(failure());
    if (!queue_->wait(read_, deadline)) return std::unexpected(late("a read"));
    if (!queue_->take(read_)) {
      at_end_ = true;
      return std::unexpected(failure());
    }
    copyBytes(call_->incoming, message);
    return {};
  }

  NetResult<void> write(std::span<const std::byte> message, Instant deadline) override {
    return writeWith(message, {}, deadline);
  }

  NetResult<void> writeLast(std::span<const std::byte> message, Instant deadline) override {
    const auto done = writeWith(message, grpc::WriteOptions().set_last_message(), deadline);
    writes_done_ = true;
    return done;
  }

  NetResult<void> closeWrite(Instant deadline) override {
    if (const auto ready = previousWritten(deadline); !ready) return ready;
    writes_done_ = true;
    call_->stream->WritesDone(queue_->begin(write_));
    return written(deadline);
  }

  std::optional<std::vector<std::byte>> end(Instant deadline) override {
    if (!in_call_) return std::nullopt;
    std::optional<std::vector<std::byte>> surplus;
    if (!endWithin(deadline, surplus)) {
      call_->context.TryCancel();
      endWithin(kNever, surplus);
    }
    for (Operation* operation : {&read_, &write_, &finish_}) queue_->take(*operation);
    const std::lock_guard lock(mutex_);
    in_call_ = false;
    call_.reset();
    return surplus;
  }

  void cancel() override { breakOff({NetErrc::cancelled, "call of " + peer_ + ": cancelled"}); }
  void reset() override { breakOff({NetErrc::reset, "call of " + peer_ + ": reset by this side"}); }
  std::string peerName() const override { return peer_; }

 private:
  NetError late(const char* operation) const {
    return {NetErrc::timedOut, fmt::format("{} of the call of {}: the deadline passed", operation, peer_)};
  }

  /// False: there is nothing to read any more.
  bool startRead() {
    const std::lock_guard lock(mutex_);
    if (!in_call_ || at_end_) return false;
    if (queue_->isIdle(read_)) call_->stream->Read(&call_->incoming, queue_->begin(read_));
    return true;
  }

  NetResult<void> writeWith(std::span<const std::byte> message, grpc::WriteOptions options,
                            Instant deadline) {
    if (const auto ready = previousWritten(deadline); !ready) return ready;
    call_->stream->Write(byteBufferOf(message), options, queue_->begin(write_));
    return written(deadline);
  }

  /// Of which the deadline may have passed.
  NetResult<void> previousWritten(Instant deadline) {
    if (!in_call_ || writes_done_) return std::unexpected(failure());
    return queue_->isIdle(write_) ? NetResult<void>() : written(deadline);
  }

  NetResult<void> written(Instant deadline) {
    if (!queue_->wait(write_, deadline)) return std::unexpected(late("a write"));
    if (queue_->take(write_)) return {};
    return std::unexpected(failure());
  }

  /// Why the call is over.
  NetError failure() {
    const bool known = in_call_ && statusCame();
    const std::lock_guard lock(mutex_);
    if (broken_) return *broken_;
    if (!in_call_) return {NetErrc::endOfFile, "call of " + peer_ + ": there is none"};
    if (!known) return {NetErrc::reset, "call of " + peer_ + ": it is over, and was not read to its end"};
    return netErrorOf(call_->status, peer_);
  }

  /// False if there is something left to read: only then the status is told.
  bool statusCame() {
    if (startRead()) {
      queue_->wait(read_, kNever);
      if (read_.done() && queue_->wentWell(read_)) return false;
    }
    startFinish();
    return queue_->wait(finish_, kNever);
  }

  void startFinish() {
    const std::lock_guard lock(mutex_);
    if (!queue_->isIdle(finish_)) return;
    call_->stream->Finish(&call_->status, queue_->begin(finish_));
  }

  /// False if the deadline passed before. `surplus`: the first message that still comes.
  bool endWithin(Instant deadline, std::optional<std::vector<std::byte>>& surplus) {
    if (!queue_->wait(write_, deadline)) return false;
    if (!std::exchange(writes_done_, true)) {
      queue_->take(write_);
      call_->stream->WritesDone(queue_->begin(write_));
      if (!queue_->wait(write_, deadline)) return false;
    }
    while (startRead()) {
      if (!queue_->wait(read_, deadline)) return false;
      if (!queue_->take(read_)) {
        at_end_ = true;
      } else if (!surplus) {
        copyBytes(call_->incoming, surplus.emplace());
      }
    }
    startFinish();
    return queue_->wait(finish_, deadline);
  }

  void breakOff(NetError why) {
    const std::lock_guard lock(mutex_);
    if (!broken_) broken_ = std::move(why);
    is_broken_ = true;
    if (call_) call_->context.TryCancel();
  }

  grpc::GenericStub stub_;
  const std::string peer_;
  const std::string stream_name_;
  std::unique_ptr<CallQueue> queue_;
  Operation read_;
  Operation write_;
  Operation finish_;
  bool writes_done_ = false;
  std::atomic<bool> in_call_ = false;
  std::atomic<bool> at_end_ = false;
  std::atomic<bool> is_broken_ = false;
  std::mutex mutex_;  // guards what follows against cancel() and reset(), and the begin of a read
  std::unique_ptr<CallInProgress> call_;
  std::optional<NetError> broken_;
};

}  // namespace

std::unique_ptr<ClientCall> makeClientCall(Runtime& runtime, std::shared_ptr<grpc::Channel> channel,
                                           std::string peer, std::string stream_name) {
  return std::make_unique<AsynchronousClientCall>(runtime, std::move(channel), std::move(peer),
                                                  std::move(stream_name));
}

}  // namespace jitrig
