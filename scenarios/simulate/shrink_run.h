#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/simulate/shrinker.h"

namespace jitrig {

/// How a candidate is tried.
struct ShrinkRunOptions {
  /// A smaller world is another one: it gets its seed, and so many others, to fail.
  std::uint64_t other_seeds = 3;
  std::chrono::milliseconds hang_after{60'000};
  ShrinkOptions shrink;
};

/// Makes a scenario smaller as long as one of the same checkers finds something. Each candidate runs in a
/// child process, so what crashes or hangs ("crashed", "hung") is made smaller, too.
ShrinkState shrinkFailure(const Scenario& failing, std::uint64_t seed, const std::vector<std::string>& failed,
                          const ShrinkRunOptions& options = {});

/// The checkers that find something in this scenario, run once, in a child process; empty: none. With "hung"
/// and "crashed", as a campaign has them.
std::vector<std::string> failuresOf(const Scenario& scenario, std::uint64_t seed,
                                    std::chrono::milliseconds hang_after);

}  // namespace jitrig
