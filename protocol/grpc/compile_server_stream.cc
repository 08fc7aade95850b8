#include "protocol/grpc/compile_server_stream.h"

#include <utility>

namespace jitrig {

CompileServerStream::CompileServerStream(Runtime& runtime, std::unique_ptr<ServerCall> call,
                                         std::string local_name, std::string peer_name,
                                         std::uint64_t announced_version)
    : CompileByteStream(runtime, std::move(local_name), std::move(peer_name)),
      call_(std::move(call)),
      announced_version_(announced_version) {}

CompileServerStream::~CompileServerStream() {
  if (isWatching()) call_->reset();
  stopWatching();
}

NetResult<std::vector<std::byte>> CompileServerStream::receive(Instant deadline) {
  const auto message = call_->read(deadline);
  if (!message) return std::unexpected(message.error());
  const std::int32_t type = due_type_;
  const bool is_request = type == CompileFrameType::kCompilationRequest;
  auto frame = clientFrameOf(*message, type, is_request ? announced_version_ : 0);
  if (!frame) return frame;
  // A call is one compilation: nothing more is due, and its stream serves the next one.
  const auto received = frameTypeOf(*frame);
  if (received && *received == CompileFrameType::kCompilationInterrupted) call_->end();
  return frame;
}

NetResult<void> CompileServerStream::send(std::span<const std::byte> frame, Instant deadline) {
  const auto type = frameTypeOf(frame);
  if (!type) return std::unexpected(type.error());
  const auto message = serverMessageOf(frame);
  if (!message) return std::unexpected(message.error());
  if (endsCompilation(*type)) return call_->writeLast(*message, deadline);
  due_type_ = *type;  // before it is sent: the answer may be quick
  return call_->write(*message, deadline);
}

}  // namespace jitrig
