#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/runtime/random_stream.h"

namespace jitrig {

/// Makes a second run find its memory elsewhere than the first: takes blocks of all the usual sizes, gives
/// every second back, and holds the others as long as it lives. What depends on addresses then comes out
/// differently, which a second process would not show.
class HeapDisturbance {
 public:
  explicit HeapDisturbance(std::uint64_t seed) {
    RandomStream random(seed);
    std::vector<std::unique_ptr<std::byte[]>> given_back;
    for (std::size_t i = 0; i < kBlocks; ++i) {
      const std::size_t size = 1 + random.below(kMostBytes);
      auto& destination = random.chance(1, 2) ? held_ : given_back;
      destination.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    }
  }

 private:
  static constexpr std::size_t kBlocks = 2'000;
  static constexpr std::size_t kMostBytes = 700;

  std::vector<std::unique_ptr<std::byte[]>> held_;
};

}  // namespace jitrig
