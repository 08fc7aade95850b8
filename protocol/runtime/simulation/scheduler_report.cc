#include <exception>
#include <fmt/core.h>
#include <string>

#include "protocol/runtime/simulation/report_text.h"
#include "protocol/runtime/simulation/scheduler.h"

namespace jitrig {

std::string_view toString(SimulationOutcome outcome) {
  switch (outcome) {
    case SimulationOutcome::finished: return "finished";
    case SimulationOutcome::deadlock: return "deadlock";
    case SimulationOutcome::stepBudgetUsed: return "stepBudgetUsed";
    case SimulationOutcome::virtualTimeUsed: return "virtualTimeUsed";
    case SimulationOutcome::noProgress: return "noProgress";
    case SimulationOutcome::failed: return "failed";
  }
  return "unknown outcome";
}

namespace simulation {

namespace {

std::string whatOf(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

std::string_view reasonOf(SimulationOutcome outcome) {
  switch (outcome) {
    case SimulationOutcome::deadlock: return "deadlock: no task can go on, and no deadline is set";
    case SimulationOutcome::stepBudgetUsed: return "the step budget is used up";
    case SimulationOutcome::virtualTimeUsed: return "the budget of virtual time is used up";
    case SimulationOutcome::noProgress: return "no progress";
    case SimulationOutcome::finished:
    case SimulationOutcome::failed: break;
  }
  return toString(outcome);
}

}  // namespace

std::string Scheduler::describe(const TaskState& task) const {
  std::string text = fmt::format("\n  task \"{}\" ", task.name);
  const HostState& host = task.process.host;
  if (host.hasName()) text += fmt::format("on host \"{}\" ", host.name);
  if (task.process.dying) text += "(whose process has crashed) ";
  if (task.phase == TaskState::Phase::running) return text + "is running";
  if (task.phase == TaskState::Phase::runnable) {
    return text + (task.process.paused ? "could run, but its host is paused" : "could run");
  }
  text += task.place.doing;
  if (task.place.name != nullptr) text += fmt::format(" \"{}\"", *task.place.name);
  if (task.place.holder != nullptr && *task.place.holder != nullptr) {
    const TaskState& holder = **task.place.holder;
    text += fmt::format(" held by task \"{}\"{}", holder.name, holder.hasEnded() ? ", which has ended" : "");
  }
  text += fmt::format(" since {}", inSeconds(task.waiting_since));
  if (task.deadline != kNever) text += fmt::format(" until {}", inSeconds(task.deadline));
  return text;
}

std::string Scheduler::describeHosts() const {
  std::string text;
  for (const auto& host : hosts_) {
    const Process& process = host->process();
    if (process.paused) {
      text += fmt::format("\n  host \"{}\" is paused since {}", host->name, inSeconds(process.paused_since));
    }
    if (host->vanished) {
      text += fmt::format("\n  host \"{}\" has vanished at {}", host->name, inSeconds(host->vanished_since));
    }
    if (host->reachability != Reachability::reachable) {
      text += fmt::format("\n  host \"{}\" is {}", host->name, toString(host->reachability));
    }
  }
  return text;
}

std::string Scheduler::describeWorld(SimulationOutcome outcome, std::string_view detail) const {
  std::string text{reasonOf(outcome)};
  if (!detail.empty()) text += fmt::format(": {}", detail);
  text += fmt::format(" (seed {}, virtual time {}, {} steps)", options_.seed, inSeconds(now_), steps_);
  text += describeWatches() + describeHosts();
  for (const auto& [number, task] : tasks_) text += describe(*task);
  return text;
}

SimulationResult Scheduler::result() {
  SimulationResult result;
  result.outcome = outcome_;
  result.exception = main_->exception;
  if (result.exception && outcome_ == SimulationOutcome::finished) {
    result.outcome = SimulationOutcome::failed;
    report_ = describeWorld(result.outcome);
  }
  if (result.outcome != SimulationOutcome::finished) {
    result.report = report_ + afterword_;
    if (result.exception) result.report += "\n  task \"main\" threw: " + whatOf(result.exception);
  }
  result.steps = steps_;
  result.end_time = now_;
  digest_.mix(steps_);
  result.schedule_digest = digest_.value();
  result.events = events_.take();
  return result;
}

}  // namespace simulation
}  // namespace jitrig
