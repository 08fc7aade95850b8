#pragma once

#include <array>
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
    for (; bytes.size() >= kBlock; bytes = bytes.subspan(kBlock)) mixBlock(bytes.data());
    if (bytes.empty()) return;
    std::array<std::byte, kBlock> rest{};
    std::memcpy(rest.data(), bytes.data(), bytes.size());
    mixBlock(rest.data());
  }

  std::uint64_t value() const { return state_; }

 private:
  static constexpr std::size_t kBlock = 16;

  /// Every byte that is sent comes by here: one multiplication for sixteen.
  void mixBlock(const std::byte* block) {
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), block, kBlock);
    const auto product = static_cast<unsigned __int128>(state_ ^ words[0]) * (words[1] ^ 0x9E3779B97F4A7C15U);
    state_ += static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  }

  std::uint64_t state_ = 0xCBF29CE484222325U;
};

}  // namespace jitrig::simulation
