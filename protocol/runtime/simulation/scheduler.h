#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/runtime/random_stream.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/simulation/event_recorder.h"
#include "protocol/runtime/simulation/fiber.h"
#include "protocol/runtime/simulation/host_state.h"
#include "protocol/runtime/simulation/schedule_digest.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/runtime/simulation/timer_queue.h"
#include "protocol/runtime/simulation/wait_queue.h"

namespace jitrig::simulation {

class Scheduler;

/// What becomes of a wait when the world is ended.
enum class AtWorldEnd {
  throws,    ///< WorldEnded; but returns WakeUp::worldEnded while another exception is in flight
  returns,   ///< WakeUp::worldEnded: the caller has to tidy up first
  isForced,  ///< goes on, and ends with WakeUp::forced if nobody else can move (locks)
  persists   ///< goes on (joining in a destructor)
};

/// Where a task waits, in words for the report. The names must live as long as the wait.
struct WaitPlace {
  std::string_view doing;                    ///< "waits for mutex"
  const std::string* name = nullptr;         ///< of the thing
  const TaskState* const* holder = nullptr;  ///< for a mutex: the variable that says who holds it
};

/// A task of the world. Owned by its handle and, until it ends, by the scheduler.
struct TaskState final : Timer {
  enum class Phase { runnable, running, waiting, ended, abandoned };

  TaskState(Scheduler& its_scheduler, Process& its_process, std::uint64_t its_number, std::string its_name,
            std::move_only_function<void()> its_body);
  void fire() override;  ///< its deadline has come

  bool hasEnded() const { return phase == Phase::ended || phase == Phase::abandoned; }
  ObservedTask observed() const { return {.number = number, .name = name, .host = process.host.name}; }

  Scheduler& scheduler;
  Process& process;
  const std::uint64_t number;  ///< in the order of spawning; 0 is main
  const std::string name;
  std::move_only_function<void()> body;
  std::exception_ptr exception;  ///< what the body threw
  std::array<std::shared_ptr<void>, kTaskLocalSlots> locals;
  /// Not inside: its last write is the fiber's own, and whoever releases the task may be another.
  std::unique_ptr<Fiber> fiber;
  Phase phase = Phase::runnable;
  WaitQueue joiners;
  int mutexes_held = 0;
  std::uint64_t steps_after_end = 0;  ///< steps since the world was ended

  // The present wait, or the latest one.
  WaitPlace place;
  AtWorldEnd at_world_end = AtWorldEnd::throws;
  Instant waiting_since;
  Instant deadline;
  WakeUp woken_by = WakeUp::notified;
};

/// Kinds of calls of the Runtime, as counted by Scheduler::begin().
enum class Call {
  blocking,  ///< throws WorldEnded when the world has been ended
  quick,     ///< cannot block; in an ended world it throws after some patience
  noexcept_  ///< used by destructors; never throws
};

/// The heart of a world: which task runs, and what time it is. Everything happens in the thread that calls
/// run(). A task runs until it waits or is preempted at a call; then the `schedule` stream picks the next
/// one. When no task can run, the clock jumps to the next timer; without a timer it is a deadlock.
class Scheduler {
 public:
  explicit Scheduler(const SimulationOptions& options);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  SimulationResult run(std::move_only_function<void()> body);

  /// The task belongs to the present process of `host`.
  std::shared_ptr<TaskState> spawn(HostState& host, std::string name, std::move_only_function<void()> body);

  /// The host of that name, made if there is none; "" is the one without a name, where main runs.
  HostState& host(const std::string& name);
  HostState* findHost(const std::string& name);

  /// The task that calls; std::logic_error with the name of the `call` if it is none of this world's.
  TaskState& current(std::string_view call) {
    if (running_world_ != this || current_ == nullptr) throwOutside(call);
    return *current_;
  }

  /// The task that runs in this thread, in whatever world; nullptr outside of all of them.
  static const TaskState* runningTask();

  /// run() has returned: what is left is destroyed from outside.
  bool isOver() const { return phase_ == Phase::over; }

  /// The world is being taken down.
  bool hasEnded() const { return phase_ == Phase::ended; }

  /// The world is being taken down, or the process of this task is.
  bool isEnding(const TaskState& task) const { return hasEnded() || task.process.dying; }

  /// The begin of each call: counts the step, may let other tasks run (except before a `quick` call), ends
  /// the world if its steps are used up, and takes part in ending it as `call` says.
  TaskState& begin(Call call, std::string_view name) {
    TaskState& task = current(name);
    if (++steps_ > options_.step_budget || isEnding(task)) [[unlikely]] {
      beginAtTheEnd(task, call);
    } else if (call != Call::quick) {
      preemptionPoint();
    }
    return task;
  }

  /// The calling task waits until wake(), the deadline (at once if it has passed, but others may run), or the
  /// end of the world. The caller then looks at its data first, whatever is returned.
  WakeUp wait(const WaitPlace& place, Instant deadline, AtWorldEnd at_world_end);

  /// Nothing happens if the task does not wait.
  void wake(TaskState& task, WakeUp reason);

  /// The calling task stays runnable, and others may run.
  void yield();

  /// May let other tasks run, as the seed says. Never throws.
  void preemptionPoint() {
    if (isEnding(*current_)) return;
    if (current_->process.paused && current_->mutexes_held == 0) return yield();
    if (options_.preempt_percent == 0) return;
    if (stream(RandomPurpose::schedule).chance(options_.preempt_percent, 100)) yield();
  }

  /// To be called before leaving a call that had to tidy up after WakeUp::worldEnded.
  void throwIfEnding();

  /// As SimulatedHost has it, for tasks; the network has its own part.
  void pause(HostState& host);
  void resume(HostState& host);
  void endProcess(HostState& host);
  std::size_t pausedHosts() const { return paused_hosts_; }

  std::unique_ptr<ProgressWatch> watchProgress(std::string name, Duration budget);

  Instant now() const { return now_; }
  void setTimer(Timer& timer, Instant time) { timers_.set(timer, time); }
  void removeTimer(Timer& timer) { timers_.remove(timer); }
  RandomStream& stream(RandomPurpose purpose) { return streams_[static_cast<std::size_t>(purpose)]; }
  ScheduleDigest& digest() { return digest_; }
  EventRecorder& events() { return events_; }
  const SimulationOptions& options() const { return options_; }

 private:
  enum class Phase { created, running, ended, over };

  static void enterTask(void* task);
  static bool drawForTls(std::span<std::byte> bytes);
  static void explainTermination();

  class Watch;

  [[noreturn]] static void throwOutside(std::string_view call);
  void beginAtTheEnd(TaskState& task, Call call);
  void makeRunnable(TaskState& task);
  bool forceDying();
  void runTasks();
  void runOne(TaskState& task);
  TaskState& pickNext();
  void advanceClock();
  void suspendCurrent();
  void endWorld(SimulationOutcome outcome, std::string_view detail = {});
  void countStepAfterEnd(TaskState& task, Call call);
  void breakStandstill();
  void retire(TaskState& task);
  void noteEnd(TaskState& task);
  void release(Process& process);
  void abandon(TaskState& task);
  void standStill(const Watch& watch);
  std::string describe(const TaskState& task) const;
  std::string describeHosts() const;
  std::string describeWatches() const;
  std::string describeWorld(SimulationOutcome outcome, std::string_view detail = {}) const;
  SimulationResult result();

  // The world whose tasks run in this thread.
  static inline constinit thread_local Scheduler* running_world_ = nullptr;

  const SimulationOptions options_;
  std::array<RandomStream, kRandomPurposes> streams_;
  Phase phase_ = Phase::created;
  SimulationOutcome outcome_ = SimulationOutcome::finished;
  std::string report_;
  std::string afterword_;  // tasks that threw, and tasks that were abandoned
  Instant now_;
  std::uint64_t steps_ = 0;
  ScheduleDigest digest_;
  EventRecorder events_;
  FiberStackPool stacks_;
  std::vector<std::unique_ptr<HostState>> hosts_;
  TimerQueue timers_;
  TimerQueue watch_timers_;  // apart: they are no deadline for which a deadlock could wait
  std::vector<Watch*> watches_;
  std::size_t dying_tasks_ = 0;
  std::size_t paused_hosts_ = 0;
  std::uint64_t next_task_number_ = 0;
  std::map<std::uint64_t, std::shared_ptr<TaskState>> tasks_;  // not yet ended, by number
  std::vector<std::shared_ptr<TaskState>> ended_with_locks_;   // a report may still name them
  std::vector<TaskState*> runnable_;
  TaskState* current_ = nullptr;
  std::shared_ptr<TaskState> main_;
};

}  // namespace jitrig::simulation
