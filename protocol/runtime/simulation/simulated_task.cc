#include "protocol/runtime/simulation/simulated_task.h"

#include <exception>
#include <utility>

#include "protocol/runtime/simulation/race_annotations.h"

namespace jitrig::simulation {

SimulatedTask::~SimulatedTask() {
  const SimulatorSection section;
  if (scheduler_.isOver()) return;
  scheduler_.begin(Call::noexcept_, "~Task");
  waitForEnd(AtWorldEnd::persists);
}

void SimulatedTask::join() {
  const SimulatorSection section;
  scheduler_.begin(Call::blocking, "Task::join");
  waitForEnd(std::uncaught_exceptions() == 0 ? AtWorldEnd::throws : AtWorldEnd::persists);
  if (state_->exception) std::rethrow_exception(std::exchange(state_->exception, nullptr));
}

void SimulatedTask::waitForEnd(AtWorldEnd at_world_end) {
  const WaitPlace place{.doing = "joins task", .name = &state_->name};
  while (!state_->hasEnded()) state_->joiners.wait(scheduler_, place, kNever, at_world_end);
  acquireFrom(state_.get());
}

}  // namespace jitrig::simulation
