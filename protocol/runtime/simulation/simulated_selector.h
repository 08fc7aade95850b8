#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/runtime/readiness.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/simulation/scheduler.h"
#include "protocol/runtime/simulation/simulated_locks.h"
#include "protocol/runtime/simulation/wait_queue.h"

namespace jitrig::simulation {

/// Watches whatever is a ReadinessSource: the links, acceptors and pipes of the same world. A wait costs as
/// much as there are sources that spoke up, not as there are watched.
class SimulatedSelector final : public Selector {
 public:
  SimulatedSelector(Scheduler& scheduler, std::string name);
  ~SimulatedSelector() override;

  /// std::logic_error if the waitable is no ReadinessSource.
  void add(Waitable& waitable) override;
  void remove(Waitable& waitable) override;
  std::vector<Waitable*> wait(Instant deadline) override;  ///< in the order of adding
  void wake() override;

 private:
  class Watch;

  void noteChanged(Watch& watch);
  std::vector<Waitable*> takeReady();
  void forget(Watch& watch);

  Scheduler& scheduler_;
  const std::string name_;
  SimulatedMutex registering_;  // held while sources are (un)registered, which may switch tasks
  std::uint64_t next_number_ = 0;
  std::unordered_map<const Waitable*, std::unique_ptr<Watch>> watches_;  // looked up only, never walked
  std::vector<Watch*> changed_;                                          // those worth asking
  bool woken_ = false;
  WaitQueue waiting_;
};

}  // namespace jitrig::simulation
