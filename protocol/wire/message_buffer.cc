#include "protocol/wire/message_buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace jitrig {

std::size_t MessageBuffer::append(std::span<const std::byte> bytes) {
  const std::size_t offset = extend(bytes.size());
  if (!bytes.empty()) std::memcpy(data() + offset, bytes.data(), bytes.size());
  return offset;
}

void MessageBuffer::grow(std::size_t needed) {
  const std::size_t capacity = std::bit_ceil(std::max(needed, kInitialCapacity));
  std::unique_ptr<std::byte[]> storage(new std::byte[capacity]);
  if (size_ != 0) std::memcpy(storage.get(), storage_.get(), size_);
  storage_ = std::move(storage);
  capacity_ = capacity;
}

}  // namespace jitrig
