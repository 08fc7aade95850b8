#pragma once

#include <cstdint>
#include <span>

#include "protocol/runtime/random_stream.h"

namespace jitrig {

/// One stream of random numbers per part of a scenario, so that a generator which draws one number more for,
/// say, the faults, changes nothing else of what a seed stands for.
struct GeneratorStreams {
  explicit GeneratorStreams(std::uint64_t seed)
      : network(streamOf(seed, 1)),
        participants(streamOf(seed, 2)),
        scripts(streamOf(seed, 3)),
        faults(streamOf(seed, 4)),
        misbehaviours(streamOf(seed, 5)),
        choice(streamOf(seed, 6)),
        lives(streamOf(seed, 7)),
        aot(streamOf(seed, 8)),
        checkpoints(streamOf(seed, 9)) {}

  RandomStream network;
  RandomStream participants;
  RandomStream scripts;
  RandomStream faults;
  RandomStream misbehaviours;
  RandomStream choice;  ///< of the runtime
  RandomStream lives;   ///< of VMs: one try, or as the real client; what happens to their classes;
                        ///< how much memory servers have
  RandomStream aot;     ///< AOT caches, and who uses them
  RandomStream checkpoints;

 private:
  /// Neighbouring seeds, which people use, must have nothing in common: each state is itself a drawn number.
  static RandomStream streamOf(std::uint64_t seed, std::uint64_t part) {
    RandomStream of_seed(seed);
    RandomStream of_part(of_seed.draw() + part);
    return RandomStream(of_part.draw());
  }
};

/// A number between the two, both included, each power of two as likely as the other: small ones often, large
/// ones at times.
inline std::uint64_t drawWild(RandomStream& random, std::uint64_t least, std::uint64_t most) {
  std::uint64_t bits = 0;
  while (bits < 63 && ((most - least) >> bits) != 0) ++bits;
  const std::uint64_t chosen_bits = random.below(bits + 1);
  const std::uint64_t limit = chosen_bits >= bits ? most - least + 1 : std::uint64_t{1} << chosen_bits;
  return least + random.below(limit);
}

/// A number between the two, both included, each as likely as the other.
inline std::uint64_t drawBetween(RandomStream& random, std::uint64_t least, std::uint64_t most) {
  return least + random.below(most - least + 1);
}

/// One of them; `choices` is not empty.
template <class T>
const T& drawOne(RandomStream& random, std::span<const T> choices) {
  return choices[random.below(choices.size())];
}

}  // namespace jitrig
