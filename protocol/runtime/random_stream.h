#pragma once

#include <cstdint>

namespace jitrig {

/// What a random number is drawn for. Each purpose has a stream of its own, so that one draw more or less in
/// one place (a fault removed while a failure is shrunk) does not change all the others.
enum class RandomPurpose { schedule, network, faults, workload, tls };
/// How many purposes there are.
inline constexpr int kRandomPurposes = 5;

/// A small deterministic generator (SplitMix64): the same numbers on every machine and compiler, which the
/// standard library's distributions do not promise. Not for secrets. Not thread-safe by itself; a Runtime
/// says who may draw.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : state_(seed) {}

  /// The next number; all 64 bits are equally good.
  std::uint64_t draw() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
  }

  /// A number in [0, bound); 0 if bound is 0. The bias is below 2^-32 for bounds below 2^32.
  std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(draw()) * bound) >> 64U);
  }

  /// True with a probability of `numerator` in `denominator`.
  bool chance(std::uint64_t numerator, std::uint64_t denominator) { return below(denominator) < numerator; }

 private:
  std::uint64_t state_;
};

}  // namespace jitrig
