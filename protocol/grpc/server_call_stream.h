#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "protocol/grpc/call_queue.h"
#include "protocol/grpc/compile_call.h"
#include "protocol/runtime/runtime.h"

namespace grpc {  // NOLINT(readability-identifier-naming): the library's
class ByteBuffer;
class ServerContext;
template <class W, class R>
class ServerAsyncReaderWriter;
}  // namespace grpc

namespace jitrig {

/// One of the server's streams: serves call after call, with one completion queue for all of them, which is
/// drained in between. Waits for a call, or has one.
class ServerCallStream {
 public:
  using Stream = grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;
  /// Registers for the next call. False: the server has stopped.
  using RequestCompile =
      std::function<bool(grpc::ServerContext*, Stream*, grpc::CompletionQueue*, ServerCallStream&)>;

  ServerCallStream(Runtime& runtime, std::size_t number, Duration finish_timeout, RequestCompile request);
  ServerCallStream(const ServerCallStream&) = delete;
  ServerCallStream& operator=(const ServerCallStream&) = delete;
  ~ServerCallStream();

  std::size_t number() const { return number_; }

  /// Makes a new context and stream and registers them. Nothing may be out.
  bool renew();
  /// The call for which it was registered is there.
  void accept();
  /// The server has stopped before.
  void dismiss();

  // As CompileCall has them, of the present call.
  NetResult<void> read(std::vector<std::byte>& message, Instant deadline);
  bool waitReadable(Instant deadline);
  bool readable() const { return at_end_ || read_.done(); }
  NetResult<void> write(std::span<const std::byte> message, Instant deadline);
  /// With Finish(OK); the call is over then, whatever becomes of it.
  NetResult<void> writeAndFinish(std::span<const std::byte> message, Instant deadline);
  NetResult<void> finish(Instant deadline);
  void tryCancel();
  std::string peerName() const;
  /// As the client calls it: CompileClientOptions::stream_name. Empty if it does not.
  std::string streamName() const;

  /// The server stops: cancels a call that has not been finished. When the last call ended, or now if one was
  /// finished and has yet to end; nullopt: there was none. From any thread.
  std::optional<Instant> cancelUnlessFinished();

  /// Ends the call, with Finish(CANCELLED) unless it has been finished, and drains the queue. Nobody may be
  /// inside.
  void end();

 private:
  struct Call;
  bool startRead();
  NetResult<void> previousWritten(Instant deadline);
  NetResult<void> written(Instant deadline);
  NetError broken(const char* operation);
  NetError late(const char* operation) const;

  const std::size_t number_;
  const Duration finish_timeout_;
  Runtime& runtime_;
  const RequestCompile request_;
  CallQueue queue_;
  Operation read_;
  Operation write_;
  Operation finish_;
  Operation done_;      ///< the end of the call, told by gRPC
  std::mutex reading_;  // guards the begin of a read
  std::atomic<bool> at_end_ = false;
  std::atomic<bool> finished_ = false;
  std::unique_ptr<Call> call_;
  std::mutex in_call_mutex_;  // guards the two below, and keeps call_ where it is
  bool in_call_ = false;
  std::optional<Instant> last_end_;
};

}  // namespace jitrig
