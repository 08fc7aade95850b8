#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace jitrig {

/// A hash of bytes that come in pieces: the same however they are cut, and on every machine. Not against
/// attackers.
class StreamHash {
 public:
  void add(std::span<const std::byte> bytes) {
    size_ += bytes.size();
    if (held_ != 0) {
      const std::size_t more = bytes.size() < kBlock - held_ ? bytes.size() : kBlock - held_;
      hold(bytes.first(more));
      bytes = bytes.subspan(more);
    }
    for (; bytes.size() >= kBlock; bytes = bytes.subspan(kBlock)) mix(bytes.data());
    hold(bytes);
  }
  void add(std::uint64_t word) {
    if (held_ % sizeof word != 0) return add(std::as_bytes(std::span(&word, 1)));
    size_ += sizeof word;
    std::memcpy(block_.data() + held_, &word, sizeof word);
    held_ += sizeof word;
    if (held_ == kBlock) mixHeld();
  }

  std::uint64_t value() const {
    StreamHash last = *this;
    last.mix(last.block_.data());
    return folded(last.state_ ^ last.size_, kOdd);
  }

 private:
  static constexpr std::size_t kBlock = 16;
  static constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;

  static std::uint64_t folded(std::uint64_t left, std::uint64_t right) {
    const auto product = static_cast<unsigned __int128>(left) * right;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  }
  void mix(const std::byte* block) {
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), block, kBlock);
    state_ = folded(state_ ^ words[0], words[1] ^ kOdd) + state_;
  }
  /// Less than a block, or what makes one whole.
  void hold(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    std::memcpy(block_.data() + held_, bytes.data(), bytes.size());
    held_ += bytes.size();
    if (held_ == kBlock) mixHeld();
  }
  void mixHeld() {
    mix(block_.data());
    block_ = {};
    held_ = 0;
  }

  std::uint64_t state_ = 0x2545F4914F6CDD1DU;
  std::uint64_t size_ = 0;
  std::array<std::byte, kBlock> block_{};  ///< bytes that are no whole block yet, then zeros
  std::size_t held_ = 0;
};

}  // namespace jitrig
