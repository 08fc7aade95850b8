#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "protocol/grpc/compile_call.h"
#include "protocol/jitaas/jitaas_framer.h"
#include "protocol/runtime/readiness.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"

namespace jitrig {

/// A ByteStream whose bytes are frames of the sockets backend, and which gRPC carries: each whole frame that
/// is written becomes a message of a call, each message that comes a frame to read. So whatever is built on
/// ByteStreams serves this backend too. A frame that is never completed is never sent.
///
/// On the operating system's Runtime only. A Selector that watches it costs a task for as long as nothing
/// comes: a completion queue has no descriptor.
class CompileByteStream : public ByteStream, public Waitable, public ReadinessSource {
 public:
  /// A derived class ends the call, then calls stopWatching(), before the call is destroyed.
  ~CompileByteStream() override;

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override;
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override;
  NetResult<void> closeWrite() override;
  void reset() override { call().reset(); }
  void cancel() override { call().cancel(); }
  std::size_t buffered() const override { return frame_.size() - taken_; }
  Waitable& waitable() override { return *this; }
  std::string localName() const override { return local_name_; }
  std::string peerName() const override { return peer_name_; }

 protected:
  CompileByteStream(Runtime& runtime, std::string local_name, std::string peer_name);

  virtual CompileCall& call() = 0;
  const CompileCall& call() const { return const_cast<CompileByteStream*>(this)->call(); }
  /// The next frame, whole, in place of what `frame` had.
  virtual NetResult<void> receive(std::vector<std::byte>& frame, Instant deadline) = 0;
  /// Whether receive() has a frame, whatever becomes of the call.
  virtual bool hasUnread() const { return false; }
  /// Whether anything can come at all: not between two calls.
  virtual bool inCall() const { return true; }
  /// One whole frame.
  virtual NetResult<void> send(std::span<const std::byte> frame, Instant deadline) = 0;

  /// Whether a task waits inside the call, for a Selector.
  bool isWatching();
  void stopWatching();
  Runtime& runtime() { return runtime_; }

 private:
  const std::string& name() const override { return name_; }
  bool readyNow() const override { return buffered() != 0 || hasUnread() || call().readable(); }
  void setObserver(ReadinessObserver* observer) override;
  void watch();

  Runtime& runtime_;
  const std::string local_name_;
  const std::string peer_name_;
  const std::string name_;
  std::vector<std::byte> frame_;  ///< being read; from taken_ on it is still to be
  std::size_t taken_ = 0;
  JitaasFramer framer_;  ///< what was written and is no whole frame yet
  std::mutex mutex_;     // guards what follows
  ReadinessObserver* observer_ = nullptr;
  bool watching_ = false;
  std::unique_ptr<Task> watcher_;
};

}  // namespace jitrig
