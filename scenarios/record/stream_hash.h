#pragma once

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
    while (!bytes.empty() && held_ != 0) {
      hold(bytes.front());
      bytes = bytes.subspan(1);
    }
    for (; bytes.size() >= sizeof(std::uint64_t); bytes = bytes.subspan(sizeof(std::uint64_t))) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data(), sizeof word);
      mix(word);
    }
    for (const std::byte byte : bytes) hold(byte);
  }
  void add(std::uint64_t word) {
    size_ += sizeof word;
    mix(word);
  }

  std::uint64_t value() const {
    StreamHash last = *this;
    last.mix(last.word_);
    last.mix(last.size_);
    return last.state_;
  }

 private:
  static constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;

  void mix(std::uint64_t word) {
    const auto product = static_cast<unsigned __int128>(state_ ^ word) * kOdd;
    state_ =
        static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U) ^ (state_ >> 29U);
  }
  void hold(std::byte byte) {
    word_ |= static_cast<std::uint64_t>(byte) << (8 * held_);
    if (++held_ < sizeof(std::uint64_t)) return;
    mix(word_);
    word_ = 0;
    held_ = 0;
  }

  std::uint64_t state_ = 0x2545F4914F6CDD1DU;
  std::uint64_t word_ = 0;  ///< bytes that are no whole word yet
  std::uint64_t size_ = 0;
  unsigned held_ = 0;
};

}  // namespace jitrig
