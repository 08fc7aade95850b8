#include "protocol/grpc/server_call_stream.h"

#include <fmt/format.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>
#include <memory>
#include <string>
#include <utility>

#include "protocol/grpc/grpc_values.h"

namespace jitrig {

/// What is new for each call.
struct ServerCallStream::Call {
  grpc::ServerContext context;
  Stream stream{&context};
  grpc::ByteBuffer incoming;
  std::string peer;
};

ServerCallStream::ServerCallStream(Runtime& runtime, std::size_t number, Duration finish_timeout,
                                   RequestCompile request)
    : number_(number),
      finish_timeout_(finish_timeout),
      runtime_(runtime),
      request_(std::move(request)),
      queue_(runtime) {}

ServerCallStream::~ServerCallStream() = default;

bool ServerCallStream::renew() {
  at_end_ = false;
  finished_ = false;
  call_ = std::make_unique<Call>();
  call_->context.AsyncNotifyWhenDone(&done_);
  return request_(&call_->context, &call_->stream, queue_.queue(), *this);
}

void ServerCallStream::accept() {
  call_->peer = peerNameOf(call_->context.peer());
  queue_.begin(done_);
  const std::lock_guard lock(in_call_mutex_);
  in_call_ = true;
}

void ServerCallStream::dismiss() {
  call_.reset();
}

bool ServerCallStream::startRead() {
  const std::lock_guard lock(reading_);
  if (at_end_) return false;
  if (queue_.isIdle(read_)) call_->stream.Read(&call_->incoming, queue_.begin(read_));
  return true;
}

NetResult<void> ServerCallStream::read(std::vector<std::byte>& message, Instant deadline) {
  if (!startRead()) return std::unexpected(broken("a read"));
  if (!queue_.wait(read_, deadline)) return std::unexpected(late("a read"));
  if (!queue_.take(read_)) {
    at_end_ = true;
    return std::unexpected(broken("a read"));
  }
  copyBytes(call_->incoming, message);
  return {};
}

bool ServerCallStream::waitReadable(Instant deadline) {
  if (!readable() && startRead()) queue_.wait(read_, deadline);
  return readable();
}

NetResult<void> ServerCallStream::write(std::span<const std::byte> message, Instant deadline) {
  if (const auto ready = previousWritten(deadline); !ready) return ready;
  call_->stream.Write(byteBufferOf(message), queue_.begin(write_));
  return written(deadline);
}

NetResult<void> ServerCallStream::writeAndFinish(std::span<const std::byte> message, Instant deadline) {
  if (const auto ready = previousWritten(deadline); !ready) return ready;
  finished_ = true;
  call_->stream.WriteAndFinish(byteBufferOf(message), {}, grpc::Status::OK, queue_.begin(write_));
  return written(deadline);
}

NetResult<void> ServerCallStream::finish(Instant deadline) {
  if (const auto ready = previousWritten(deadline); !ready) return ready;
  finished_ = true;
  call_->stream.Finish(grpc::Status::OK, queue_.begin(write_));
  return written(deadline);
}

/// Its deadline may have passed.
NetResult<void> ServerCallStream::previousWritten(Instant deadline) {
  return queue_.isIdle(write_) ? NetResult<void>() : written(deadline);
}

NetResult<void> ServerCallStream::written(Instant deadline) {
  if (!queue_.wait(write_, deadline)) return std::unexpected(late("a write"));
  if (queue_.take(write_)) return {};
  return std::unexpected(broken("a write"));
}

/// A client that says no more is told from one that is gone, if gRPC has told that already.
NetError ServerCallStream::broken(const char* operation) {
  const bool cancelled = queue_.wait(done_, kAtOnce) && call_->context.IsCancelled();
  const bool reading_ended = at_end_ && !cancelled;
  return {reading_ended ? NetErrc::endOfFile : NetErrc::reset,
          fmt::format(
              "{} of the call of {}: {}", operation, peerName(),
              reading_ended ? "the client says no more" : "the call was cancelled or its connection broke")};
}

NetError ServerCallStream::late(const char* operation) const {
  return {NetErrc::timedOut, fmt::format("{} of the call of {}: the deadline passed", operation, peerName())};
}

void ServerCallStream::tryCancel() {
  call_->context.TryCancel();
}

std::optional<Instant> ServerCallStream::cancelUnlessFinished() {
  const std::lock_guard lock(in_call_mutex_);
  if (!in_call_) return last_end_;
  if (finished_) return runtime_.now();
  tryCancel();
  return last_end_;
}

std::string ServerCallStream::peerName() const {
  return call_->peer;
}

std::string ServerCallStream::streamName() const {
  const auto& metadata = call_->context.client_metadata();
  const auto name = metadata.find(kStreamNameKey);
  return name == metadata.end() ? "" : std::string(name->second.data(), name->second.size());
}

void ServerCallStream::end() {
  const Instant deadline = runtime_.now() + finish_timeout_;
  if (queue_.wait(write_, deadline)) {
    if (!finished_.exchange(true)) call_->stream.Finish(grpc::Status::CANCELLED, queue_.begin(finish_));
  } else {
    tryCancel();  // no Finish while a write is out
  }
  if (!queue_.drain(deadline)) {
    tryCancel();
    queue_.drain(kNever);
  }
  for (Operation* operation : {&read_, &write_, &finish_, &done_}) queue_.take(*operation);
  const std::lock_guard lock(in_call_mutex_);
  in_call_ = false;
  last_end_ = runtime_.now();
  call_.reset();
}

}  // namespace jitrig
