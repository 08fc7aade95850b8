#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace jitrig::simulation {

/// A running 64-bit hash of what a world did. Not against adversaries.
class ScheduleDigest {
 public:
  void mix(std::uint64_t value) {
    state_ = (state_ ^ value) * 0x9E3779B97F4A7C15U;
    state_ ^= state_ >> 29U;
  }

  void mix(std::span<const std::byte> bytes) {
    mix(bytes.size());
    while (!bytes.empty()) {
      std::uint64_t word = 0;
      const std::size_t taken = std::min(bytes.size(), sizeof(word));
      std::memcpy(&word, bytes.data(), taken);
      mix(word);
      bytes = bytes.subspan(taken);
    }
  }

  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325U;
};

}  // namespace jitrig::simulation
