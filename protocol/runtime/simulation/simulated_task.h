#pragma once

#include <memory>

#include "protocol/runtime/runtime.h"
#include "protocol/runtime/simulation/scheduler.h"

namespace jitrig::simulation {

/// The handle of a task.
class SimulatedTask final : public Task {
 public:
  SimulatedTask(Scheduler& scheduler, std::shared_ptr<TaskState> state)
      : scheduler_(scheduler), state_(std::move(state)) {}

  /// Waits for the body also in a world that has ended: it may use what the caller is about to destroy.
  ~SimulatedTask() override;
  void join() override;

 private:
  void waitForEnd(AtWorldEnd at_world_end);

  Scheduler& scheduler_;
  const std::shared_ptr<TaskState> state_;
};

}  // namespace jitrig::simulation
