#include "protocol/wire/framer.h"

#include <algorithm>
#include <cstring>

#include "protocol/wire/message_validation.h"

namespace jitrig {

std::span<std::byte> Framer::writable() {
  makeRoom(1);
  return {buffer_.data() + size_, buffer_.size() - size_};
}

void Framer::append(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  makeRoom(bytes.size());
  std::memcpy(buffer_.data() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

Expected<std::optional<std::size_t>> Framer::announced() const {
  const std::span<const std::byte> bytes = pending();
  if (announcement_ != nullptr) [[unlikely]]
    return announcement_(bytes, limits_);
  if (bytes.size() < sizeof(std::uint32_t)) return std::nullopt;
  const auto size = announcedSize(bytes, limits_);
  if (!size) return std::unexpected(size.error());
  if (bytes.size() >= 2 * sizeof(std::uint32_t)) {
    // A small size of a big-endian peer may pass for a large one of ours; its version word does not: the low
    // byte of ours is always 0 (the patch number is not sent), the low byte of theirs is the major version 1.
    std::uint32_t version = 0;
    std::memcpy(&version, bytes.data() + sizeof version, sizeof version);
    if ((version & 0xFF0000FFU) == 1) {
      return std::unexpected(
          WireError{WireErrc::bigEndianPeer, 4, "version", version, __builtin_bswap32(version)});
    }
  }
  return *size;
}

Expected<bool> Framer::next(MessageBuffer& message) {
  const auto size = announced();
  if (!size) return std::unexpected(size.error());
  if (!size->has_value() || bufferedBytes() < **size) return false;
  takeOut(message, **size);
  return true;
}

void Framer::takeOut(MessageBuffer& message, std::size_t size) {
  const std::size_t surplus = bufferedBytes() - size;
  message.clear();
  if (begin_ == 0 && surplus < size) {
    // The usual case, one message at a time: hand over the whole buffer and keep the surplus, if any. The
    // next message begins in a small one, so that one large message does not cost its size for ever.
    message.resize(std::max(surplus, kReadSize));
    message.swap(buffer_);
    std::memcpy(buffer_.data(), message.data() + size, surplus);
    message.resize(size);
    size_ = surplus;
    return;
  }
  message.append(pending().first(size));
  begin_ += size;
  if (begin_ == size_) begin_ = size_ = 0;
}

void Framer::makeRoom(std::size_t count) {
  if (buffer_.size() - size_ >= count) return;
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, bufferedBytes());
    size_ -= begin_;
    begin_ = 0;
    if (buffer_.size() - size_ >= count) return;
  }
  const std::size_t arrived = size_;
  buffer_.reserve(std::max(arrived + count, kReadSize));
  buffer_.resize(buffer_.capacity());
}

}  // namespace jitrig
