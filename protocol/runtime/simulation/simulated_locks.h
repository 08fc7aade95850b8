#pragma once

#include <string>

#include "protocol/runtime/runtime.h"
#include "protocol/runtime/simulation/scheduler.h"
#include "protocol/runtime/simulation/wait_queue.h"

namespace jitrig::simulation {

class SimulatedMutex final : public Mutex {
 public:
  SimulatedMutex(Scheduler& scheduler, std::string name) : scheduler_(scheduler), name_(std::move(name)) {}

  /// Never throws WorldEnded: locks are taken in destructors. In an ended world where nobody can move any
  /// more, it takes the lock from its holder. After the world is over it does nothing.
  void lock() override;
  bool try_lock() override;
  void unlock() override;

 private:
  friend class SimulatedCondition;

  void acquireFor(TaskState& task);
  void releaseFor(TaskState& task);

  Scheduler& scheduler_;
  const std::string name_;
  const TaskState* owner_ = nullptr;
  WaitQueue waiting_;
};

class SimulatedCondition final : public Condition {
 public:
  SimulatedCondition(Scheduler& scheduler, std::string name)
      : scheduler_(scheduler), name_(std::move(name)) {}

  using Condition::wait;
  bool wait(Lock& lock, Instant deadline) override;
  void notifyOne() override;
  void notifyAll() override;

 private:
  Scheduler& scheduler_;
  const std::string name_;
  WaitQueue waiting_;
};

}  // namespace jitrig::simulation
