#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocol/wire/data_descriptor.h"

namespace jitrig {

/// Writes data points, canonically, into storage that its owner made large enough: it does not look. A cursor
/// of two words, passed and returned by value so that it stays in registers. Message::beginDataPoints makes
/// one; the bounds say how much room a data point may take.
class DataPointWriter {
 public:
  /// `message` is the message's start, `offset` the place of the next descriptor, a multiple of 4.
  DataPointWriter(std::byte* message, std::size_t offset) : message_(message), offset_(offset) {}

  std::size_t offset() const { return offset_; }

  /// The room that a data point of such a payload takes at most: filler included.
  static constexpr std::size_t sizeBound(std::size_t payload_size) {
    return sizeof(DataDescriptor) + 4 + ((payload_size + 3) & ~std::size_t{3});
  }

  /// A payload of fixed size. Inlined everywhere: what is left of it are a few stores.
  template <DataType kType, std::size_t kSize>
  [[gnu::always_inline]] inline void addFixed(const void* payload) {
    constexpr auto kPayloadSize = static_cast<std::uint32_t>(kSize);
    constexpr std::uint32_t kPadded = paddedSize(kPayloadSize);
    const std::uint32_t filler = needsAlignment8(kType, kPayloadSize) ? fillerSize(offset_) : 0;
    store(offset_, canonicalDescriptor(kType, kPayloadSize, filler));
    offset_ += sizeof(DataDescriptor);
    // The filler; where there is none, the payload comes over it, which is cheaper than to ask.
    if constexpr (needsAlignment8(kType, kPayloadSize)) {
      if (!__builtin_constant_p(filler) || filler != 0) store(offset_, std::uint32_t{0});
    }
    offset_ += filler;
    if constexpr (kPayloadSize < sizeof(std::uint32_t)) {
      std::uint32_t padded = 0;  // one store for both
      std::memcpy(&padded, payload, kSize);
      store(offset_, padded);
    } else {
      if constexpr (kPadded != kPayloadSize) store(offset_ + kPadded - 4, std::uint32_t{0});
      std::memcpy(message_ + offset_, payload, kSize);
    }
    offset_ += kPadded;
  }

  /// STRING, or a SIMPLE_VECTOR, whose `element_size` is then not 0.
  [[gnu::always_inline]] inline void addBytes(DataType type, std::span<const std::byte> payload,
                                              std::uint8_t element_size = 0) {
    const auto payload_size = static_cast<std::uint32_t>(payload.size());
    const std::uint32_t filler = element_size > 4 ? fillerSize(offset_) : 0;
    const std::uint32_t padded = paddedSize(payload_size);
    const std::uint64_t descriptor = canonicalDescriptor(type, payload_size, filler, element_size);
    // The last word first, for the padding's sake. An empty string has none: its descriptor comes over it.
    store(offset_ + sizeof descriptor + filler + padded - 4, std::uint32_t{0});
    store(offset_, descriptor);
    offset_ += sizeof descriptor;
    if (element_size > 4) {
      if (filler != 0) store(offset_, std::uint32_t{0});
      offset_ += filler;
    }
    if (payload_size != 0) std::memcpy(message_ + offset_, payload.data(), payload_size);
    offset_ += padded;
  }

  /// EMPTY_VECTOR: a descriptor alone.
  [[gnu::always_inline]] inline void addEmptyVector() {
    store(offset_, canonicalDescriptor(DataType::EMPTY_VECTOR, 0, 0));
    offset_ += sizeof(DataDescriptor);
  }

  /// What is added until closeContainer(type, the offset returned here) is nested.
  [[gnu::always_inline]] inline std::size_t openContainer() {
    const std::size_t offset = offset_;
    offset_ += sizeof(DataDescriptor);
    return offset;
  }
  [[gnu::always_inline]] inline void closeContainer(DataType type, std::size_t offset) {
    const auto size = static_cast<std::uint32_t>(offset_ - offset - sizeof(DataDescriptor));
    store(offset, canonicalDescriptor(type, size, 0));
  }

 private:
  template <class T>
  [[gnu::always_inline]] inline void store(std::size_t offset, T value) {
    std::memcpy(message_ + offset, &value, sizeof value);
  }

  std::byte* message_;
  std::size_t offset_;
};

}  // namespace jitrig
