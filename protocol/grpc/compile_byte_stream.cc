#include "protocol/grpc/compile_byte_stream.h"

#include <algorithm>
#include <utility>

#include "protocol/jitaas/protobuf_validation.h"

namespace jitrig {

CompileByteStream::CompileByteStream(Runtime& runtime, std::string local_name, std::string peer_name)
    : runtime_(runtime),
      local_name_(std::move(local_name)),
      peer_name_(std::move(peer_name)),
      name_(local_name_ + " -> " + peer_name_) {}

CompileByteStream::~CompileByteStream() {
  stopWatching();
}

NetResult<std::size_t> CompileByteStream::readSome(std::span<std::byte> buffer, Instant deadline) {
  if (buffered() == 0) {
    auto received = receive(frame_, deadline);
    if (!received) frame_.clear();
    taken_ = 0;
    if (!received) return std::unexpected(std::move(received.error()));
  }
  const std::size_t count = std::min(buffer.size(), buffered());
  std::copy_n(frame_.begin() + static_cast<std::ptrdiff_t>(taken_), count, buffer.begin());
  taken_ += count;
  return count;
}

/// A whole frame, which is what is mostly written, goes as it is; the others are put together first.
NetResult<std::size_t> CompileByteStream::writeSome(std::span<const std::byte> bytes, Instant deadline) {
  if (framer_.bufferedBytes() == 0 && bytes.size() >= kJitaasFrameHeaderSize) {
    const auto announced = announcedFrameSize(bytes, ProtobufLimits{});
    if (announced && bytes.size() - kJitaasFrameHeaderSize >= *announced) {
      const std::size_t size = kJitaasFrameHeaderSize + *announced;
      if (auto sent = send(bytes.first(size), deadline); !sent)
        return std::unexpected(std::move(sent.error()));
      return size;
    }
  }
  framer_.append(bytes);
  std::vector<std::byte> frame;
  while (true) {
    const auto whole = framer_.next(frame);
    if (!whole) return std::unexpected(NetError{NetErrc::other, name_ + ": " + toString(whole.error())});
    if (!*whole) return bytes.size();
    if (auto sent = send(frame, deadline); !sent) return std::unexpected(std::move(sent.error()));
  }
}

/// What was begun cannot be carried: the call breaks, as a message cut off breaks a connection.
NetResult<void> CompileByteStream::closeWrite() {
  if (framer_.bufferedBytes() != 0) {
    call().reset();
    return {};
  }
  return call().closeWrite(kNever);
}

void CompileByteStream::setObserver(ReadinessObserver* observer) {
  const std::lock_guard lock(mutex_);
  observer_ = observer;
  if (observer == nullptr || watching_ || readyNow() || !inCall() || call().waitReadable(kAtOnce)) return;
  watching_ = true;
  watcher_ = runtime_.spawn("gRPC watch of " + name_, [this] { watch(); });
}

void CompileByteStream::watch() {
  call().waitReadable(kNever);
  const std::lock_guard lock(mutex_);
  watching_ = false;
  if (observer_ != nullptr) observer_->readinessChanged();
}

bool CompileByteStream::isWatching() {
  const std::lock_guard lock(mutex_);
  return watching_;
}

void CompileByteStream::stopWatching() {
  std::unique_ptr<Task> watcher;
  {
    const std::lock_guard lock(mutex_);
    watcher = std::move(watcher_);
  }
  if (watcher) watcher->join();
}

}  // namespace jitrig
