#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace jitrig::simulation {

/// A queue of bytes that grows as it must and never shrinks: small messages over a link allocate nothing.
class ByteRing {
 public:
  std::size_t size() const { return size_; }

  void append(std::span<const std::byte> bytes) {
    if (size_ + bytes.size() > storage_.size()) grow(size_ + bytes.size());
    const std::size_t end = (begin_ + size_) & (storage_.size() - 1);
    const std::size_t first = std::min(bytes.size(), storage_.size() - end);
    copy(storage_.data() + end, bytes.data(), first);
    copy(storage_.data(), bytes.data() + first, bytes.size() - first);
    size_ += bytes.size();
  }

  /// Not more than size().
  void take(std::span<std::byte> buffer) {
    const std::size_t first = std::min(buffer.size(), storage_.size() - begin_);
    copy(buffer.data(), storage_.data() + begin_, first);
    copy(buffer.data() + first, storage_.data(), buffer.size() - first);
    drop(buffer.size());
  }

  void drop(std::size_t count) {
    size_ -= count;
    begin_ = size_ == 0 ? 0 : (begin_ + count) & (storage_.size() - 1);
  }

  void dropLast(std::size_t count) { size_ -= count; }

 private:
  static constexpr std::size_t kFirstSizeBytes = 256;

  static void copy(std::byte* to, const std::byte* from, std::size_t count) {
    if (count != 0) std::memcpy(to, from, count);  // neither pointer may be null, not even for 0 bytes
  }

  void grow(std::size_t at_least) {
    std::size_t size_bytes = std::max(kFirstSizeBytes, storage_.size());
    while (size_bytes < at_least) size_bytes *= 2;
    std::vector<std::byte> larger(size_bytes);
    const std::size_t held = size_;
    take(std::span(larger).first(held));
    storage_ = std::move(larger);
    begin_ = 0;
    size_ = held;
  }

  std::vector<std::byte> storage_;  // its size is a power of two, or 0
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace jitrig::simulation
