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

NetResult<void> CompileServerStream::receive(std::vector<std::byte>& frame, Instant deadline) {
  if (auto read = call_->read(message_, deadline); !read) return read;
  const std::int32_t due = due_type_;
  const bool is_request = due == CompileFrameType::kCompilationRequest;
  const auto type = clientFrameOf(message_, due, is_request ? announced_version_ : 0, frame);
  if (!type) return std::unexpected(type.error());
  // A call is one compilation: nothing more is due, and its stream serves the next one.
  if (*type == CompileFrameType::kCompilationInterrupted) call_->end();
  return {};
}

NetResult<void> CompileServerStream::send(std::span<const std::byte> bytes, Instant deadline) {
  const auto frame = readCompileFrame(bytes);
  if (!frame) return std::unexpected(frame.error());
  const auto message = serverMessageOf(*frame, outgoing_);
  if (endsCompilation(frame->type)) return call_->writeLast(message, deadline);
  due_type_ = frame->type;  // before it is sent: the answer may be quick
  return call_->write(message, deadline);
}

}  // namespace jitrig
