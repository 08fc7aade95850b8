#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>

#include "protocol/grpc/compile_call.h"
#include "protocol/grpc/server_call_stream.h"

namespace jitrig {

/// The server's side of one call. Its stream is given back as soon as the call is over, which may be long
/// before this object is destroyed: then all that it is asked for has come to its end.
class ServerCall final : public CompileCall {
 public:
  /// `release` takes the stream back, ended.
  ServerCall(ServerCallStream& stream, std::function<void(ServerCallStream&)> release);
  ~ServerCall() override;

  NetResult<void> read(std::vector<std::byte>& message, Instant deadline) override;
  bool waitReadable(Instant deadline) override;
  bool readable() const override;
  NetResult<void> write(std::span<const std::byte> message, Instant deadline) override;
  NetResult<void> writeLast(std::span<const std::byte> message, Instant deadline) override;
  NetResult<void> closeWrite(Instant deadline) override;
  void cancel() override;
  void reset() override;
  std::string peerName() const override { return peer_; }

  /// Ends the call, with CANCELLED unless it ended before. Waits for whoever is inside.
  void end();

 private:
  template <class Operation>
  auto onStream(Operation operation) -> decltype(operation());
  NetError over();
  void breakOff(NetErrc code, const char* why);

  ServerCallStream& stream_;
  const std::function<void(ServerCallStream&)> release_;
  const std::string peer_;
  std::atomic<bool> ended_ = false;
  mutable std::shared_mutex using_;  // shared: the stream is in use; alone: it is given back
  std::atomic<bool> is_broken_ = false;
  std::mutex mutex_;  // guards what follows
  std::optional<NetError> broken_;
};

}  // namespace jitrig
