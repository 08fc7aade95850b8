#include "protocol/runtime/simulation/scheduler.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fmt/core.h>
#include <stdexcept>
#include <utility>

#include "protocol/runtime/simulation/race_annotations.h"
#include "protocol/runtime/simulation/stack_overflow.h"
#include "protocol/runtime/world_chance.h"

namespace jitrig::simulation {

namespace {

// How often a task of an ended world may call before calls that need not throw do so, and before it is
// abandoned. Tidying up takes locks and sends notifications, but not by the thousand.
constexpr std::uint64_t kPatienceSteps = 1'000;
constexpr std::uint64_t kAbandonAfterSteps = 10'000;

std::terminate_handler previous_terminate_handler = nullptr;

std::array<RandomStream, kRandomPurposes> streamsOf(std::uint64_t seed) {
  RandomStream root(seed);
  const auto next = [&root] { return RandomStream(root.draw()); };
  return {next(), next(), next(), next(), next()};  // in this order: an initialiser list is a sequence
}

}  // namespace

TaskState::TaskState(Scheduler& its_scheduler, Process& its_process, std::uint64_t its_number,
                     std::string its_name, std::move_only_function<void()> its_body)
    : scheduler(its_scheduler),
      process(its_process),
      number(its_number),
      name(std::move(its_name)),
      body(std::move(its_body)) {}

void TaskState::fire() {
  scheduler.wake(*this, WakeUp::deadline);
}

Scheduler::Scheduler(const SimulationOptions& options)
    : options_(options),
      streams_(streamsOf(options.seed)),
      events_(options.keep_events),
      stacks_(options.stack_bytes) {
  host("");
  // Once per process, and never taken back: worlds may run in several threads.
  static const bool kInstalled = [] {
    previous_terminate_handler = std::set_terminate(&Scheduler::explainTermination);
    provideWorldChance(&Scheduler::drawForTls);
    return true;
  }();
  static_cast<void>(kInstalled);
  insistOnAtomicReferenceCounts();
}

Scheduler::~Scheduler() = default;

bool Scheduler::drawForTls(std::span<std::byte> bytes) {
  const SimulatorSection section;
  if (running_world_ == nullptr || running_world_->current_ == nullptr) return false;
  RandomStream& stream = running_world_->stream(RandomPurpose::tls);
  while (!bytes.empty()) {
    const std::uint64_t drawn = stream.draw();
    const std::size_t size = std::min(bytes.size(), sizeof(drawn));
    std::memcpy(bytes.data(), &drawn, size);
    bytes = bytes.subspan(size);
  }
  return true;
}

// ---- Tasks ------------------------------------------------------------------------------------------------

std::shared_ptr<TaskState> Scheduler::spawn(HostState& host, std::string name,
                                            std::move_only_function<void()> body) {
  if (host.vanished) {
    throw std::logic_error(
        fmt::format("spawn of task \"{}\": host \"{}\" has vanished and has not come back", name, host.name));
  }
  Process& process = host.process();
  auto task =
      std::make_shared<TaskState>(*this, process, next_task_number_++, std::move(name), std::move(body));
  task->fiber = std::make_unique<Fiber>(stacks_, &Scheduler::enterTask, task.get(), task->name.c_str());
  releaseTo(task.get());
  tasks_.emplace(task->number, task);
  ++process.tasks;
  events_.nameTask(task->number, task->name, host.name);
  events_.record(now_, SimulationEvent::Kind::taskSpawned, task->number);
  if (options_.observer != nullptr) options_.observer->taskBegins(task->observed(), now_);
  makeRunnable(*task);
  return task;
}

void Scheduler::makeRunnable(TaskState& task) {
  task.phase = TaskState::Phase::runnable;
  const bool is_held = task.process.paused && task.mutexes_held == 0;
  (is_held ? task.process.held : runnable_).push_back(&task);
}

void Scheduler::enterTask(void* argument) {
  auto& task = *static_cast<TaskState*>(argument);
  acquireFrom(&task);
  if (!task.scheduler.isEnding(task)) {
    try {
      task.body();
    } catch (const WorldEnded&) {  // the stack is unwound, which was its purpose
    } catch (...) {
      task.exception = std::current_exception();
    }
  }
  // What the body captured and what the task kept may use the Runtime when it is destroyed.
  task.body = nullptr;
  for (std::shared_ptr<void>& local : task.locals) local.reset();
  releaseTo(&task);
}

void Scheduler::retire(TaskState& task) {
  acquireFrom(&task);  // for whoever called run()
  timers_.remove(task);
  const auto found = tasks_.find(task.number);
  if (task.mutexes_held > 0) ended_with_locks_.push_back(found->second);
  if (task.exception && &task != main_.get()) {
    afterword_ += fmt::format("\n  task \"{}\" had ended with an exception", task.name);
  }
  noteEnd(task);
  task.phase = TaskState::Phase::ended;
  task.joiners.notifyAll(*this);
  task.fiber.reset();
  tasks_.erase(found);
}

void Scheduler::noteEnd(TaskState& task) {
  --task.process.tasks;
  if (task.process.dying) --dying_tasks_;
  events_.record(now_, SimulationEvent::Kind::taskEnded, task.number);
  if (options_.observer != nullptr) options_.observer->taskEnds(task.observed(), now_);
}

void Scheduler::abandon(TaskState& task) {
  // Kept for the rest of the process, and reachable: what its stack refers to cannot be destroyed any more.
  static thread_local auto& abandoned = *new std::vector<std::shared_ptr<TaskState>>;
  timers_.remove(task);
  const auto found = tasks_.find(task.number);
  abandoned.push_back(found->second);
  afterword_ += fmt::format("\n  task \"{}\" did not let itself be ended and was abandoned", task.name);
  noteEnd(task);
  task.phase = TaskState::Phase::abandoned;
  task.fiber->abandon();
  task.joiners.notifyAll(*this);
  tasks_.erase(found);
}

// ---- The loop ---------------------------------------------------------------------------------------------

SimulationResult Scheduler::run(std::move_only_function<void()> body) {
  const SimulatorSection section;
  if (phase_ != Phase::created) throw std::logic_error("SimulatedRuntime::run: a world runs only once");
  main_ = spawn(host(""), "main", std::move(body));
  phase_ = Phase::running;
  watchForStackOverflow();
  Scheduler* const outer_world = std::exchange(running_world_, this);
  runTasks();
  running_world_ = outer_world;
  phase_ = Phase::over;
  timers_.clear();
  watch_timers_.clear();
  return result();
}

void Scheduler::runTasks() {
  while (!tasks_.empty()) {
    if (!runnable_.empty()) {
      runOne(pickNext());
    } else if (hasEnded()) {
      breakStandstill();
    } else if (dying_tasks_ > 0 && forceDying()) {
      continue;
    } else {
      advanceClock();
    }
  }
}

void Scheduler::runOne(TaskState& task) {
  task.phase = TaskState::Phase::running;
  current_ = &task;
  task.fiber->resume();
  current_ = nullptr;
  if (task.fiber->ended()) {
    retire(task);
  } else if (task.phase == TaskState::Phase::running) {
    abandon(task);  // it neither waits nor wants to go on: countStepAfterEnd() gave it up
  }
}

TaskState& Scheduler::pickNext() {
  std::size_t chosen = 0;
  const std::size_t choices = runnable_.size();
  if (choices > 1) chosen = stream(RandomPurpose::schedule).below(choices);
  TaskState& task = *runnable_[chosen];
  runnable_[chosen] = runnable_.back();
  runnable_.pop_back();
  digest_.mix(task.number);
  events_.record(now_, SimulationEvent::Kind::taskRuns, task.number, choices);
  return task;
}

void Scheduler::advanceClock() {
  if (timers_.empty()) return endWorld(SimulationOutcome::deadlock);
  while (!watch_timers_.empty() && watch_timers_.nextTime() <= timers_.nextTime()) {
    now_ = watch_timers_.nextTime();
    watch_timers_.takeNext().fire();
    if (hasEnded()) return;
  }
  if (timers_.nextTime() - Instant{} > options_.virtual_time_budget) {
    return endWorld(SimulationOutcome::virtualTimeUsed);
  }
  now_ = timers_.nextTime();
  digest_.mix(static_cast<std::uint64_t>(now_.ns));
  events_.record(now_, SimulationEvent::Kind::timePasses, 0);
  while (!timers_.empty() && timers_.nextTime() <= now_) timers_.takeNext().fire();
}

// ---- Waiting ----------------------------------------------------------------------------------------------

const TaskState* Scheduler::runningTask() {
  return running_world_ == nullptr ? nullptr : running_world_->current_;
}

void Scheduler::throwOutside(std::string_view call) {
  throw std::logic_error(fmt::format(
      "{}: called from outside the simulated world; only its tasks may, inside SimulatedRuntime::run()",
      call));
}

/// The steps are used up, or the task is to end.
void Scheduler::beginAtTheEnd(TaskState& task, Call call) {
  if (steps_ > options_.step_budget && !hasEnded()) endWorld(SimulationOutcome::stepBudgetUsed);
  if (isEnding(task)) {
    countStepAfterEnd(task, call);
  } else if (call != Call::quick) {
    preemptionPoint();
  }
}

void Scheduler::yield() {
  makeRunnable(*current_);
  suspendCurrent();
}

WakeUp Scheduler::wait(const WaitPlace& place, Instant deadline, AtWorldEnd at_world_end) {
  TaskState& task = *current_;
  task.place = place;
  task.at_world_end = at_world_end;
  task.waiting_since = now_;
  task.deadline = deadline;
  task.woken_by = WakeUp::deadline;
  const bool only_yields =
      deadline <= now_ ||
      (isEnding(task) && (at_world_end == AtWorldEnd::throws || at_world_end == AtWorldEnd::returns));
  if (only_yields) {
    yield();
  } else {
    task.phase = TaskState::Phase::waiting;
    if (deadline != kNever) timers_.set(task, deadline);
    suspendCurrent();
  }
  if (options_.observer != nullptr) {
    options_.observer->taskWaited(task.observed(), place.doing,
                                  place.name == nullptr ? std::string_view() : *place.name,
                                  task.waiting_since, now_);
  }
  if (!isEnding(task) || task.woken_by == WakeUp::forced) return task.woken_by;
  if (at_world_end == AtWorldEnd::throws && std::uncaught_exceptions() == 0) throw WorldEnded{};
  return WakeUp::worldEnded;
}

void Scheduler::wake(TaskState& task, WakeUp reason) {
  if (task.phase != TaskState::Phase::waiting) return;
  timers_.withdraw(task);
  task.woken_by = reason;
  makeRunnable(task);
}

void Scheduler::suspendCurrent() {
  current_->fiber->suspend();
}

// ---- The end of the world ---------------------------------------------------------------------------------

void Scheduler::endWorld(SimulationOutcome outcome, std::string_view detail) {
  outcome_ = outcome;
  report_ = describeWorld(outcome, detail);
  phase_ = Phase::ended;
  timers_.clear();
  watch_timers_.clear();
  for (const auto& host : hosts_) release(host->process());
  for (const auto& [number, task] : tasks_) {
    const bool goes_on =
        task->at_world_end == AtWorldEnd::isForced || task->at_world_end == AtWorldEnd::persists;
    if (!goes_on) wake(*task, WakeUp::worldEnded);
  }
}

void Scheduler::countStepAfterEnd(TaskState& task, Call call) {
  ++task.steps_after_end;
  if (task.steps_after_end > kAbandonAfterSteps) suspendCurrent();  // for ever: see runOne()
  const bool may_throw =
      call == Call::blocking || (call == Call::quick && task.steps_after_end > kPatienceSteps);
  if (may_throw) throwIfEnding();
}

void Scheduler::throwIfEnding() {
  if (isEnding(*current_) && std::uncaught_exceptions() == 0) throw WorldEnded{};
}

void Scheduler::breakStandstill() {
  // Whoever waits for a lock gets it: its holder waits for a lock too, or is gone. Nothing runs at the same
  // time, and all that is left to do is to unwind.
  for (const auto& [number, task] : tasks_) {
    if (task->at_world_end == AtWorldEnd::isForced) return wake(*task, WakeUp::forced);
  }
  abandon(*tasks_.begin()->second);
}

void Scheduler::explainTermination() {
  const TaskState* task = running_world_ == nullptr ? nullptr : running_world_->current_;
  if (task != nullptr && running_world_->isEnding(*task)) {
    const bool is_world = running_world_->hasEnded();
    std::fputs(
        fmt::format("task \"{}\" waited in a destructor or another noexcept function while its {}: {}\n",
                    task->name, is_world ? "simulated world was being ended" : "host crashed",
                    is_world ? running_world_->report_ : task->process.host.name)
            .c_str(),
        stderr);
  }
  if (previous_terminate_handler != nullptr) previous_terminate_handler();
  std::abort();
}

}  // namespace jitrig::simulation
