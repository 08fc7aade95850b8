#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace jitrig {

/// The storage of one message: contiguous, aligned to 8 bytes, growing by powers of two, so that a server's
/// heap does not fill up with odd blocks. Places in it are offsets: growing moves it, and pointers die.
///
/// Not thread-safe. Moving leaves an empty buffer behind.
class MessageBuffer {
 public:
  static constexpr std::size_t kInitialCapacity = 1024;

  MessageBuffer() = default;
  MessageBuffer(MessageBuffer&& other) noexcept { swap(other); }
  MessageBuffer& operator=(MessageBuffer&& other) noexcept {
    MessageBuffer(std::move(other)).swap(*this);
    return *this;
  }
  explicit MessageBuffer(std::span<const std::byte> bytes) { append(bytes); }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  const std::byte* data() const { return storage_.get(); }
  /// For writing; nullptr before anything was stored. Dies when the buffer grows.
  std::byte* data() { return storage_.get(); }
  std::span<const std::byte> bytes() const { return {storage_.get(), size_}; }

  /// Forgets the contents, keeps the storage.
  void clear() { size_ = 0; }

  /// Makes the size smaller or larger. New bytes hold anything: the caller writes them.
  void resize(std::size_t size) {
    if (size > capacity_) grow(size);
    size_ = size;
  }

  /// The same for whoever knows that it fits.
  void resizeWithinCapacity(std::size_t size) { size_ = size; }

  /// Makes room for that many bytes in all, so that growing up to it moves nothing.
  void reserve(std::size_t capacity) {
    if (capacity > capacity_) grow(capacity);
  }

  /// Adds `count` bytes that hold anything, and returns the offset of the first.
  std::size_t extend(std::size_t count) {
    const std::size_t offset = size_;
    resize(size_ + count);
    return offset;
  }

  /// Adds these bytes, and returns the offset of the first.
  std::size_t append(std::span<const std::byte> bytes);

  /// Exchanges storage; no byte is copied.
  void swap(MessageBuffer& other) noexcept {
    storage_.swap(other.storage_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  void grow(std::size_t needed);

  // operator new[] gives storage aligned for every fundamental type: 16 bytes on the machines in scope.
  std::unique_ptr<std::byte[]> storage_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ >= 8, "a message's storage must be aligned to 8 bytes");

}  // namespace jitrig
