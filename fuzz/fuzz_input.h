#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

namespace jitrig::fuzz {

/// Decisions out of a target's bytes, from the front. When they have run out every decision is 0, so that the
/// shorter of two inputs is the simpler one.
class FuzzInput {
 public:
  explicit FuzzInput(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }

  template <class T>
    requires std::is_trivially_copyable_v<T>
  T take() {
    T value{};
    const std::span<const std::byte> taken = take(sizeof value);
    if (!taken.empty()) std::memcpy(&value, taken.data(), taken.size());
    return value;
  }

  /// 0 to bound - 1, of at most 256.
  std::size_t below(std::size_t bound) { return std::size_t{take<unsigned char>()} % bound; }

  /// So many bytes, or as many as are left.
  std::span<const std::byte> take(std::size_t count) {
    const std::span<const std::byte> taken = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }

  std::span<const std::byte> rest() { return take(bytes_.size()); }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace jitrig::fuzz
