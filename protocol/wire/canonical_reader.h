#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocol/wire/data_descriptor.h"

namespace jitrig::wire_detail {

/// Validates and reads data points in one pass, as long as they are exactly what is expected, written as a
/// real peer writes it. At the first that is anything else it says false, and the caller begins again with
/// validateMessage and onRecv, which accept more and can say what is wrong.
///
/// How it stays inside the message: everything expected takes some bytes at least. The owner makes sure that
/// the message has those; what is left over is the slack, and whatever turns out larger takes it from there.
/// So position + what is still expected at least + slack is always the end, and a fixed payload needs no
/// comparison with the end at all. All was as expected, and nothing stands behind it, if no slack remains.
class CanonicalReader {
 public:
  CanonicalReader(const std::byte* message, std::size_t offset, std::size_t slack,
                  std::size_t max_vector_length)
      : message_(message), offset_(offset), slack_(slack), max_vector_length_(max_vector_length) {}

  std::size_t slack() const { return slack_; }
  std::size_t maxVectorLength() const { return max_vector_length_; }

  /// Leaves `payload` where the payload lies: kSize bytes.
  template <DataType kType, std::size_t kSize>
  [[gnu::always_inline]] inline bool fixed(const std::byte*& payload) {
    constexpr auto kPayloadSize = static_cast<std::uint32_t>(kSize);
    const std::uint32_t filler = needsAlignment8(kType, kPayloadSize) ? fillerSize(offset_) : 0;
    if (descriptor() != canonicalDescriptor(kType, kPayloadSize, filler) || filler > slack_) return false;
    slack_ -= filler;
    payload = message_ + offset_ + sizeof(DataDescriptor) + filler;
    offset_ += sizeof(DataDescriptor) + filler + paddedSize(kPayloadSize);
    return true;
  }

  [[gnu::always_inline]] inline bool string(std::span<const std::byte>& payload) {
    const std::uint64_t found = descriptor();
    const std::size_t size = found >> 32U;
    const std::size_t padding = (found >> 8U) & 3U;
    // Nothing but the type, up to 3 bytes of padding, and a size that is a multiple of 4.
    constexpr std::uint64_t kFree = 0xfffffffc'00000300;
    if ((found & ~kFree) != static_cast<std::uint8_t>(DataType::STRING) || padding > size || size > slack_) {
      return false;
    }
    payload = {message_ + offset_ + sizeof(DataDescriptor), size - padding};
    pass(size);
    return true;
  }

  [[gnu::always_inline]] inline bool emptyVector() {
    if (descriptor() != canonicalDescriptor(DataType::EMPTY_VECTOR, 0, 0)) return false;
    offset_ += sizeof(DataDescriptor);
    return true;
  }

  template <std::size_t kElementSize>
  [[gnu::always_inline]] inline bool simpleVector(std::span<const std::byte>& payload) {
    const std::uint64_t found = descriptor();
    const std::size_t size = found >> 32U;
    const std::size_t padding = (found >> 8U) & 3U;
    const std::uint32_t filler = kElementSize > 4 ? fillerSize(offset_) : 0;
    constexpr std::uint64_t kFree = 0xfffffffc'00000300;
    constexpr std::uint64_t kExpected =
        static_cast<std::uint8_t>(DataType::SIMPLE_VECTOR) | std::uint64_t{kElementSize} << 24U;
    if ((found & ~kFree) != (kExpected | std::uint64_t{filler} << 16U) || padding + filler > size ||
        size > slack_) {
      return false;
    }
    const std::size_t payload_size = size - padding - filler;
    if (payload_size % kElementSize != 0 || payload_size / kElementSize > max_vector_length_) return false;
    payload = {message_ + offset_ + sizeof(DataDescriptor) + filler, payload_size};
    pass(size);
    return true;
  }

  /// A TUPLE whose nested data points take `least` bytes, which the owner's slack does not contain. They are
  /// read with `nested`, and have to fill it.
  [[gnu::always_inline]] inline bool tuple(std::size_t least, CanonicalReader& nested) {
    const std::uint64_t found = descriptor();
    constexpr std::uint64_t kFree = 0xffffffff'00000000;
    const std::size_t more = (found >> 32U) - least;  // beyond any slack where there is less
    if ((found & ~kFree) != static_cast<std::uint8_t>(DataType::TUPLE) || more > slack_) return false;
    nested = {message_, offset_ + sizeof(DataDescriptor), more, max_vector_length_};
    offset_ += least;
    pass(more);
    return true;
  }

  /// A VECTOR of `count` elements of `least` bytes each, for `nested` to read.
  [[gnu::always_inline]] inline bool vector(std::size_t least, CanonicalReader& nested,
                                            std::uint32_t& count) {
    constexpr std::size_t kCountSize = sizeof(DataDescriptor) + sizeof(std::uint32_t);
    const std::uint64_t found = descriptor();
    const std::size_t size = found >> 32U;
    constexpr std::uint64_t kFree = 0xffffffff'00000000;
    if ((found & ~kFree) != static_cast<std::uint8_t>(DataType::VECTOR) || size > slack_ ||
        size < kCountSize) {
      return false;
    }
    nested = {message_, offset_ + sizeof(DataDescriptor), size - kCountSize, max_vector_length_};
    pass(size);
    const std::byte* payload = nullptr;
    if (!nested.fixed<DataType::UINT32, sizeof count>(payload)) return false;
    std::memcpy(&count, payload, sizeof count);
    const std::size_t elements_least = count * least;
    if (count > max_vector_length_ || elements_least > nested.slack_) return false;
    nested.slack_ -= elements_least;
    return true;
  }

 private:
  std::uint64_t descriptor() const {
    std::uint64_t found = 0;
    std::memcpy(&found, message_ + offset_, sizeof found);
    return found;
  }
  void pass(std::size_t size) {
    slack_ -= size;
    offset_ += sizeof(DataDescriptor) + size;
  }

  const std::byte* message_;
  std::size_t offset_;
  std::size_t slack_;
  std::size_t max_vector_length_;
};

}  // namespace jitrig::wire_detail
