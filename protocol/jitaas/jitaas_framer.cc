#include "protocol/jitaas/jitaas_framer.h"

#include <cstdint>
#include <utility>

#include "protocol/jitaas/protobuf_validation.h"

namespace jitrig {

void JitaasFramer::append(std::span<const std::byte> bytes) {
  // Frames that were taken out leave when the rest is no larger than they: each byte is moved once at most.
  if (begin_ >= bufferedBytes()) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

ProtobufResult<std::optional<std::size_t>> JitaasFramer::announced() const {
  const std::span<const std::byte> pending = std::span(buffer_).subspan(begin_);
  if (pending.size() < kJitaasFrameHeaderSize) return std::nullopt;
  const auto size = announcedFrameSize(pending, limits_);
  if (!size) return std::unexpected(size.error());
  return kJitaasFrameHeaderSize + *size;
}

ProtobufResult<bool> JitaasFramer::next(std::vector<std::byte>& frame) {
  const auto size = announced();
  if (!size) return std::unexpected(size.error());
  if (!size->has_value() || bufferedBytes() < **size) return false;
  const auto first = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_);
  frame.assign(first, first + static_cast<std::ptrdiff_t>(**size));
  begin_ += **size;
  return true;
}

}  // namespace jitrig
