#include "protocol/runtime/simulation/simulated_locks.h"

#include <fmt/core.h>
#include <stdexcept>

#include "protocol/runtime/simulation/race_annotations.h"

namespace jitrig::simulation {

// ---- Mutex ------------------------------------------------------------------------------------------------

void SimulatedMutex::lock() {
  const SimulatorSection section;
  if (scheduler_.isOver()) return;
  acquireFor(scheduler_.begin(Call::noexcept_, "Mutex::lock"));
}

bool SimulatedMutex::try_lock() {
  const SimulatorSection section;
  if (scheduler_.isOver()) return true;
  TaskState& task = scheduler_.begin(Call::quick, "Mutex::try_lock");
  scheduler_.preemptionPoint();
  if (owner_ != nullptr) return false;
  acquireFor(task);
  return true;
}

void SimulatedMutex::unlock() {
  const SimulatorSection section;
  if (scheduler_.isOver()) return;
  TaskState& task = scheduler_.current("Mutex::unlock");
  releaseFor(task);
  scheduler_.begin(Call::noexcept_, "Mutex::unlock");
}

void SimulatedMutex::acquireFor(TaskState& task) {
  const WaitPlace place{.doing = "waits for mutex", .name = &name_, .holder = &owner_};
  while (owner_ != nullptr) {
    if (waiting_.wait(scheduler_, place, kNever, AtWorldEnd::isForced) == WakeUp::forced) break;
  }
  owner_ = &task;
  ++task.mutexes_held;
  acquireFrom(this);
}

void SimulatedMutex::releaseFor(TaskState& task) {
  --task.mutexes_held;
  if (owner_ != &task) {
    if (scheduler_.isEnding(task)) return;  // it was taken from this task
    ++task.mutexes_held;
    throw std::logic_error(
        fmt::format("mutex \"{}\": task \"{}\" unlocks it but does not hold it", name_, task.name));
  }
  releaseTo(this);
  owner_ = nullptr;
  waiting_.notifyOne(scheduler_);
}

// ---- Condition --------------------------------------------------------------------------------------------

bool SimulatedCondition::wait(Lock& lock, Instant deadline) {
  const SimulatorSection section;
  TaskState& task = scheduler_.begin(Call::blocking, "Condition::wait");
  auto* mutex = dynamic_cast<SimulatedMutex*>(lock.mutex());
  if (mutex == nullptr || mutex->owner_ != &task) {
    throw std::logic_error(fmt::format(
        "condition \"{}\": task \"{}\" waits without holding a lock of this Runtime", name_, task.name));
  }
  mutex->releaseFor(task);
  WakeUp woken_by = WakeUp::notified;
  if (scheduler_.stream(RandomPurpose::schedule).chance(scheduler_.options().spurious_wakeup_percent, 100)) {
    scheduler_.yield();
  } else {
    const WaitPlace place{.doing = "waits at condition", .name = &name_};
    woken_by = waiting_.wait(scheduler_, place, deadline, AtWorldEnd::returns);
  }
  mutex->acquireFor(task);
  scheduler_.throwIfEnding();
  return woken_by == WakeUp::notified;  // an ended world is like a passed deadline: it lets loops end
}

void SimulatedCondition::notifyOne() {
  const SimulatorSection section;
  if (scheduler_.isOver()) return;
  scheduler_.begin(Call::noexcept_, "Condition::notifyOne");
  waiting_.notifyOne(scheduler_);
}

void SimulatedCondition::notifyAll() {
  const SimulatorSection section;
  if (scheduler_.isOver()) return;
  scheduler_.begin(Call::noexcept_, "Condition::notifyAll");
  waiting_.notifyAll(scheduler_);
}

}  // namespace jitrig::simulation
