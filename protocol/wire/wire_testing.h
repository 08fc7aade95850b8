#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/wire/data_descriptor.h"
#include "protocol/wire/hex.h"
#include "protocol/wire/message.h"

// For the tests of this room only.
namespace jitrig::testing {

using Bytes = std::vector<std::byte>;

/// Tests that change each byte to each value try all 255 changes, or every seventh of them under sanitizers,
/// which make them ten times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr unsigned kByteChangeStep = 7;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr unsigned kByteChangeStep = 7;
#else
inline constexpr unsigned kByteChangeStep = 1;
#endif
#else
inline constexpr unsigned kByteChangeStep = 1;
#endif

/// The body-less types of the goldens' release (0.44.0 to head).
inline ParseOptions headOptions() {
  return {.limits = {}, .bodyless = {{9, 11}}};
}

inline Bytes fromHex(std::string_view hex) {
  return parseHex(hex).value();
}

inline Bytes bytesOf(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

/// The number that a real peer of any seed would draw next: SplitMix64, the same everywhere.
class SplitMix {
 public:
  explicit SplitMix(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// 0 to bound - 1.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

 private:
  std::uint64_t state_;
};

/// Bytes that look like a message, more or less: every field can be wrong.
class RawMessage {
 public:
  explicit RawMessage(std::uint16_t num_data_points, std::uint16_t type = 100)
      : bytes_(Message::kHeaderSize) {
    store(12, type);
    store(14, num_data_points);
  }

  RawMessage& descriptor(std::uint8_t type, std::uint32_t size, std::uint8_t padding = 0,
                         std::uint8_t data_offset = 0, std::uint8_t element_size = 0) {
    for (const std::uint8_t field : {type, padding, data_offset, element_size})
      bytes_.push_back(std::byte{field});
    return u32(size);
  }
  RawMessage& descriptor(DataType type, std::uint32_t size, std::uint8_t padding = 0,
                         std::uint8_t data_offset = 0, std::uint8_t element_size = 0) {
    return descriptor(static_cast<std::uint8_t>(type), size, padding, data_offset, element_size);
  }
  RawMessage& u32(std::uint32_t value) { return append(value); }
  RawMessage& u64(std::uint64_t value) { return append(value); }
  RawMessage& fill(std::size_t count, std::uint8_t value = 0xaa) {
    bytes_.insert(bytes_.end(), count, std::byte{value});
    return *this;
  }
  /// A whole UINT32 data point, for vector counts.
  RawMessage& count(std::uint32_t value) { return descriptor(DataType::UINT32, 4).u32(value); }

  /// With a size field that is right.
  Bytes bytes() {
    store(0, static_cast<std::uint32_t>(bytes_.size()));
    return bytes_;
  }
  Expected<Message> parse(const ParseOptions& options = headOptions()) {
    return Message::parse(bytes(), options);
  }

 private:
  template <class T>
  RawMessage& append(T value) {
    const auto* first = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), first, first + sizeof value);
    return *this;
  }
  template <class T>
  void store(std::size_t offset, T value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof value);
  }

  Bytes bytes_;
};

/// In what a message is not canonical (spec: wire.md, "Canonical and not"), in words; empty if it is.
std::string notCanonical(MessageView message);

}  // namespace jitrig::testing
