#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "scenarios/file/scenario.h"

namespace jitrig {

/// Whether a smaller scenario still fails in the way that is looked for, and with which seed of the run: a
/// smaller world draws other numbers, so it may need another one.
using StillFails = std::function<std::optional<std::uint64_t>(const Scenario&)>;

/// What is counted while a scenario is made smaller.
struct ScenarioSize {
  std::uint64_t vms = 0;  ///< `count` of each counted out
  std::uint64_t servers = 0;
  std::uint64_t compilations = 0;
  std::uint64_t queries = 0;  ///< of all scripts
  std::uint64_t faults = 0;
  std::uint64_t misbehaviours = 0;

  bool operator==(const ScenarioSize&) const = default;
};
ScenarioSize sizeOf(const Scenario& scenario);

/// Where the shrinking has come to.
struct ShrinkState {
  Scenario scenario;       ///< the smallest that fails so far
  std::uint64_t seed = 0;  ///< with this
  std::uint64_t tried = 0;
};

/// How long it goes on, and who is told.
struct ShrinkOptions {
  std::uint64_t max_tries = 3'000;
  std::function<void(const ShrinkState&)> on_progress;  ///< after each that was tried; may be empty
};

/// Leaves out whatever can be left out of a failing scenario – faults, VMs, servers, misbehaviours,
/// compilations, queries – in ever smaller portions, then makes the rest plain, until nothing more can be
/// left out alone or the tries are used up. The same for the same answers of `still_fails`.
ShrinkState shrink(Scenario failing, std::uint64_t seed, const StillFails& still_fails,
                   const ShrinkOptions& options = {});

}  // namespace jitrig
