#include "protocol/grpc/server_call.h"

#include <utility>

namespace jitrig {

ServerCall::ServerCall(ServerCallStream& stream, std::function<void(ServerCallStream&)> release)
    : stream_(stream), release_(std::move(release)), peer_(stream.peerName()) {}

ServerCall::~ServerCall() {
  end();
}

/// What the operation says, unless the call is over: why, then.
template <class Operation>
auto ServerCall::onStream(Operation operation) -> decltype(operation()) {
  const std::shared_lock in_use(using_);
  if (ended_) return std::unexpected(over());
  auto result = operation();
  if (result || !is_broken_) return result;
  const std::lock_guard lock(mutex_);
  return std::unexpected(*broken_);
}

NetError ServerCall::over() {
  const std::lock_guard lock(mutex_);
  return broken_.value_or(NetError{NetErrc::endOfFile, "call of " + peer_ + ": it is over"});
}

NetResult<void> ServerCall::read(std::vector<std::byte>& message, Instant deadline) {
  return onStream([&] { return stream_.read(message, deadline); });
}

bool ServerCall::waitReadable(Instant deadline) {
  const std::shared_lock in_use(using_);
  return ended_ || stream_.waitReadable(deadline);
}

/// Takes no lock. The stream outlives the call, if perhaps with the next one.
bool ServerCall::readable() const {
  return ended_ || stream_.readable();
}

NetResult<void> ServerCall::write(std::span<const std::byte> message, Instant deadline) {
  return onStream([&] { return stream_.write(message, deadline); });
}

NetResult<void> ServerCall::writeLast(std::span<const std::byte> message, Instant deadline) {
  auto done = onStream([&] { return stream_.writeAndFinish(message, deadline); });
  end();
  return done;
}

NetResult<void> ServerCall::closeWrite(Instant deadline) {
  auto done = onStream([&] { return stream_.finish(deadline); });
  end();
  return done;
}

void ServerCall::cancel() {
  breakOff(NetErrc::cancelled, ": cancelled");
}

void ServerCall::reset() {
  breakOff(NetErrc::reset, ": reset by this side");
}

void ServerCall::breakOff(NetErrc code, const char* why) {
  {
    const std::lock_guard lock(mutex_);
    if (!broken_) broken_ = NetError{code, "call of " + peer_ + why};
    is_broken_ = true;
  }
  const std::shared_lock in_use(using_);
  if (!ended_) stream_.tryCancel();
}

/// Whoever still reads comes out as the call is over.
void ServerCall::end() {
  if (ended_) return;
  const std::lock_guard alone(using_);
  if (ended_.exchange(true)) return;
  stream_.end();
  release_(stream_);
}

}  // namespace jitrig
