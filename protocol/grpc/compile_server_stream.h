#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "protocol/grpc/compile_byte_stream.h"
#include "protocol/grpc/compile_frames.h"
#include "protocol/grpc/server_call.h"

namespace jitrig {

/// The server's side of one call as frames. A client's messages say no type: the first is a
/// compilationRequest, and any later one is of the type of the query that was sent last. The message that
/// ends the compilation ends the call, and so does a client that gives it up: with CANCELLED.
class CompileServerStream final : public CompileByteStream {
 public:
  CompileServerStream(Runtime& runtime, std::unique_ptr<ServerCall> call, std::string local_name,
                      std::string peer_name, std::uint64_t announced_version);
  ~CompileServerStream() override;

 private:
  CompileCall& call() override { return *call_; }
  NetResult<void> receive(std::vector<std::byte>& frame, Instant deadline) override;
  NetResult<void> send(std::span<const std::byte> bytes, Instant deadline) override;

  const std::unique_ptr<ServerCall> call_;
  const std::uint64_t announced_version_;
  std::vector<std::byte> message_;  ///< that was received last
  std::vector<std::byte> outgoing_;
  std::atomic<std::int32_t> due_type_ = CompileFrameType::kCompilationRequest;
};

}  // namespace jitrig
