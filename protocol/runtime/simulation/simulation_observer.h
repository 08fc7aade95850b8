#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/runtime/instant.h"

namespace jitrig {

/// A task as observers see it. The views hold during the call.
struct ObservedTask {
  std::uint64_t number = 0;  ///< in the order of spawning; 0 is main
  std::string_view name;
  std::string_view host;
};

/// For traces: is told what the tasks of a world do, in the order in which they do it. Named in
/// SimulationOptions; costs nothing where there is none. It runs inside the simulator: it must not throw, nor
/// call the Runtime.
class SimulationObserver {
 public:
  /// It was spawned, or main was made; it may not have run yet.
  virtual void taskBegins(const ObservedTask& /*task*/, Instant /*now*/) {}
  /// Its body has returned or was unwound.
  virtual void taskEnds(const ObservedTask& /*task*/, Instant /*now*/) {}

  /// A wait is over. Tasks take no virtual time while they run: a task's life is made of its waits.
  /// `doing` says what it was ("reads from connection"), `thing` the name of what it waited for, or nothing.
  virtual void taskWaited(const ObservedTask& /*task*/, std::string_view /*doing*/,
                          std::string_view /*thing*/, Instant /*since*/, Instant /*now*/) {}

  /// A host was paused, crashed, ...: `what` in words.
  virtual void hostChanged(std::string_view /*host*/, std::string_view /*what*/, Instant /*now*/) {}

  /// A task called SimulatedRuntime::note().
  virtual void noted(const ObservedTask& /*task*/, std::string_view /*text*/, Instant /*now*/) {}

 protected:
  ~SimulationObserver() = default;
};

}  // namespace jitrig
