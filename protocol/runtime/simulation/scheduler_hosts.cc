// Hosts as the scheduler sees them: whose tasks run, and how those of a crashed host come to their end.

#include <algorithm>
#include <utility>

#include "protocol/runtime/reached.h"
#include "protocol/runtime/simulation/scheduler.h"

namespace jitrig::simulation {

HostState* Scheduler::findHost(const std::string& name) {
  const auto found =
      std::ranges::find(hosts_, name, [](const auto& host) -> const std::string& { return host->name; });
  return found == hosts_.end() ? nullptr : found->get();
}

HostState& Scheduler::host(const std::string& name) {
  if (HostState* known = findHost(name)) return *known;
  hosts_.push_back(std::make_unique<HostState>(hosts_.size(), name));
  return *hosts_.back();
}

void Scheduler::pause(HostState& host) {
  Process& process = host.process();
  if (process.paused) return;
  process.paused = true;
  process.paused_since = now_;
  ++paused_hosts_;
  const auto stays = [&](const TaskState* task) {
    return &task->process != &process || task->mutexes_held > 0;
  };
  for (TaskState* task : runnable_) {
    if (!stays(task)) process.held.push_back(task);
  }
  std::erase_if(runnable_, [&](const TaskState* task) { return !stays(task); });
  preemptionPoint();  // in case that the host of the caller is meant
}

void Scheduler::resume(HostState& host) {
  if (!host.process().held.empty())
    JITRIG_REACHED("simulation: a paused host has work to do when it goes on");
  release(host.process());
}

void Scheduler::release(Process& process) {
  if (!std::exchange(process.paused, false)) return;
  --paused_hosts_;
  runnable_.insert(runnable_.end(), process.held.begin(), process.held.end());
  process.held.clear();
}

void Scheduler::endProcess(HostState& host) {
  Process& process = host.process();
  process.dying = true;
  dying_tasks_ += process.tasks;
  release(process);
  host.beginProcess();
  for (const auto& [number, task] : tasks_) {
    const bool goes_on =
        task->at_world_end == AtWorldEnd::isForced || task->at_world_end == AtWorldEnd::persists;
    if (&task->process == &process && !goes_on) wake(*task, WakeUp::worldEnded);
  }
  throwIfEnding();
}

bool Scheduler::forceDying() {
  // As in breakStandstill(), but locks that a task of a living process holds, or will get, are not touched.
  const auto holderOf = [](const TaskState& task) -> const TaskState* {
    const bool waits_for_lock =
        task.phase == TaskState::Phase::waiting && task.at_world_end == AtWorldEnd::isForced;
    return waits_for_lock && task.place.holder != nullptr ? *task.place.holder : nullptr;
  };
  const auto isLost = [&](const TaskState* holder) {
    for (std::size_t steps = 0; holder != nullptr && steps <= tasks_.size(); ++steps) {
      if (!holder->hasEnded() && !holder->process.dying) return false;
      holder = holderOf(*holder);
    }
    return true;
  };
  for (const auto& [number, task] : tasks_) {
    if (!task->process.dying || holderOf(*task) == nullptr || !isLost(holderOf(*task))) continue;
    JITRIG_REACHED("simulation: a lock is taken from a task of a crashed host");
    wake(*task, WakeUp::forced);
    return true;
  }
  return false;
}

}  // namespace jitrig::simulation
