#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a careful programmer writes for messages of a few shapes that are known, and for nothing else: no
/// limits, no word about what is wrong, no other form of a value than the one expected. The baseline.
namespace jitrig::bench::hand_written {

template <class T>
void store(std::byte* place, T value) {
  std::memcpy(place, &value, sizeof value);
}
template <class T>
T load(const std::byte* place) {
  T value;
  std::memcpy(&value, place, sizeof value);
  return value;
}

/// Type, padding, data offset and element size in one number, the size in the upper half.
constexpr std::uint64_t descriptor(unsigned type, std::uint32_t size, unsigned padding = 0,
                                   unsigned data_offset = 0, unsigned element_size = 0) {
  return type | padding << 8U | data_offset << 16U | std::uint64_t{element_size} << 24U |
         std::uint64_t{size} << 32U;
}

inline void storeHeader(std::byte* message, std::uint16_t type, std::uint16_t count, std::size_t size) {
  store(message, std::uint64_t{size});
  store(message + 8, std::uint64_t{type} << 32U | std::uint64_t{count} << 48U);
}

/// Writes from left to right into room that is large enough.
class Out {
 public:
  explicit Out(std::byte* message) : message_(message), at_(message + 16) {}

  std::size_t size() const { return static_cast<std::size_t>(at_ - message_); }

  [[gnu::always_inline]] void four(unsigned type, std::uint32_t value) {
    store(at_, descriptor(type, 4));
    store(at_ + 8, value);
    at_ += 12;
  }
  [[gnu::always_inline]] void boolean(bool value) {
    store(at_, descriptor(4, 4, 3));
    store(at_ + 8, std::uint32_t{value});
    at_ += 12;
  }
  [[gnu::always_inline]] void eight(unsigned type, std::uint64_t value) {
    const unsigned filler = alignmentFiller();
    store(at_, descriptor(type, 8 + filler, 0, filler));
    store(at_ + 8, std::uint32_t{0});
    store(at_ + 8 + filler, value);
    at_ += 16 + filler;
  }
  /// A struct whose size is a multiple of 4.
  template <std::size_t kSize>
  [[gnu::always_inline]] void object(const void* value) {
    const unsigned filler = kSize > 4 ? alignmentFiller() : 0;
    store(at_, descriptor(6, kSize + filler, 0, filler));
    store(at_ + 8, std::uint32_t{0});
    std::memcpy(at_ + 8 + filler, value, kSize);
    at_ += 8 + filler + kSize;
  }
  [[gnu::always_inline]] void string(std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    const std::uint32_t padding = -size & 3U;
    store(at_, descriptor(5, size + padding, padding));
    at_ += 8;
    if (size == 0) return;
    store(at_ + size + padding - 4, std::uint32_t{0});
    std::memcpy(at_, text.data(), size);
    at_ += size + padding;
  }
  template <class T>
  [[gnu::always_inline]] void vector(std::span<const T> values) {
    if (values.empty()) {
      store(at_, descriptor(10, 0));
      at_ += 8;
      return;
    }
    const auto size = static_cast<std::uint32_t>(values.size_bytes());
    const std::uint32_t padding = -size & 3U;
    const unsigned filler = sizeof(T) > 4 ? alignmentFiller() : 0;
    store(at_, descriptor(9, filler + size + padding, padding, filler, sizeof(T)));
    at_ += 8;
    if (filler != 0) store(at_, std::uint32_t{0});
    at_ += filler;
    store(at_ + size + padding - 4, std::uint32_t{0});
    std::memcpy(at_, values.data(), size);
    at_ += size + padding;
  }
  std::byte* open() {
    std::byte* place = at_;
    at_ += 8;
    return place;
  }
  void close(unsigned type, std::byte* place) {
    store(place, descriptor(type, static_cast<std::uint32_t>(at_ - place - 8)));
  }

 private:
  /// Everything is a multiple of 4 long.
  unsigned alignmentFiller() const { return static_cast<unsigned>(at_ - message_) & 4U; }

  std::byte* message_;
  std::byte* at_;
};

/// Reads from left to right; false at the first descriptor that is not as expected or does not fit.
class In {
 public:
  In(const std::byte* message, std::size_t begin, std::size_t end)
      : message_(message), at_(message + begin), end_(message + end) {}

  bool atEnd() const { return at_ == end_; }

  template <class T>
  [[gnu::always_inline]] bool four(unsigned type, T& value) {
    if (left() < 12 || load<std::uint64_t>(at_) != descriptor(type, 4)) return false;
    value = load<T>(at_ + 8);
    at_ += 12;
    return true;
  }
  [[gnu::always_inline]] bool boolean(bool& value) {
    if (left() < 12 || load<std::uint64_t>(at_) != descriptor(4, 4, 3)) return false;
    value = at_[8] != std::byte{0};
    at_ += 12;
    return true;
  }
  /// Anything of 8 bytes and more that stands aligned; 8-byte types and structs.
  template <class T>
  [[gnu::always_inline]] bool eight(unsigned type, T& value) {
    const unsigned filler = (at_ - message_) % 8 == 0 ? 0 : 4;
    if (left() < 8 + sizeof(T) + filler) return false;
    if (load<std::uint64_t>(at_) != descriptor(type, sizeof(T) + filler, 0, filler)) return false;
    std::memcpy(static_cast<void*>(&value), at_ + 8 + filler, sizeof(T));
    at_ += 8 + sizeof(T) + filler;
    return true;
  }
  [[gnu::always_inline]] bool string(std::string_view& text) {
    if (left() < 8) return false;
    const auto found = load<std::uint64_t>(at_);
    const std::size_t size = found >> 32U;
    const std::size_t padding = (found >> 8U) & 255U;
    if ((found & 0xffff00ffU) != 5 || padding > 3 || size % 4 != 0 || size < padding || size > left() - 8) {
      return false;
    }
    text = {reinterpret_cast<const char*>(at_ + 8), size - padding};
    at_ += 8 + size;
    return true;
  }
  [[gnu::always_inline]] bool string(std::string& text) {
    std::string_view view;
    if (!string(view)) return false;
    text.assign(view);
    return true;
  }
  template <class T>
  [[gnu::always_inline]] bool vector(std::span<const T>& values) {
    if (left() < 8) return false;
    const auto found = load<std::uint64_t>(at_);
    if (found == descriptor(10, 0)) {
      values = {};
      at_ += 8;
      return true;
    }
    const std::size_t size = found >> 32U;
    const std::size_t padding = (found >> 8U) & 255U;
    const std::size_t filler = (found >> 16U) & 255U;
    if ((found & 0xff0000ffU) != descriptor(9, 0, 0, 0, sizeof(T)) || padding > 3 || (filler & ~4U) != 0 ||
        size % 4 != 0 || size < padding + filler || size > left() - 8) {
      return false;
    }
    const std::size_t payload = size - padding - filler;
    const std::byte* first = at_ + 8 + filler;
    if (payload % sizeof(T) != 0 || std::bit_cast<std::uintptr_t>(first) % alignof(T) != 0) return false;
    values = {reinterpret_cast<const T*>(first), payload / sizeof(T)};
    at_ += 8 + size;
    return true;
  }
  template <class T>
  [[gnu::always_inline]] bool vector(std::vector<T>& values) {
    std::span<const T> view;
    if (!vector(view)) return false;
    values.assign(view.begin(), view.end());
    return true;
  }
  /// `nested` reads what is in it; whoever opens checks that it was all.
  [[gnu::always_inline]] bool open(unsigned type, In& nested) {
    if (left() < 8) return false;
    const auto found = load<std::uint64_t>(at_);
    const std::size_t size = found >> 32U;
    if ((found & 0xffffffffU) != type || size > left() - 8) return false;
    const auto begin = static_cast<std::size_t>(at_ + 8 - message_);
    nested = In(message_, begin, begin + size);
    at_ += 8 + size;
    return true;
  }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

 private:
  const std::byte* message_;
  const std::byte* at_;
  const std::byte* end_;
};

}  // namespace jitrig::bench::hand_written
