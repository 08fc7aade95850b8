#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/fault/persona_control.h"
#include "scenarios/run/participants.h"
#include "scenarios/run/run_context.h"

namespace jitrig {

/// Lets happen what a scenario says, in the main task: servers and VMs begin and end at their times, and
/// faults do to personas what they want done: to those whose stream set them off; to the first that lives if
/// none did. What faults did to personas is undone at its time, and all of
/// it by heal().
class Director final : public PersonaControl {
 public:
  /// Both must outlive it.
  Director(RunContext& context, Participants& participants);
  ~Director() override;

  /// Until every VM has ended and nothing is left to do. False: given up, since nothing went on.
  bool run();

  /// From now on no fault, and nobody is held up.
  void heal();

  void pause(Direction persona, Duration duration) override;
  void kill(Direction persona, std::optional<Duration> back_after) override;
  void refuseConnections(Duration duration) override;
  void cutOffServer(Duration duration) override;
  void signalStorm(Direction persona, std::uint64_t signals, Duration interval) override;

 private:
  using Action = std::move_only_function<void()>;
  struct Entry {
    Action action;
    bool undoes_fault = false;
  };

  void scheduleScenario();
  void schedule(Instant when, Action action, bool undoes_fault);
  /// Something for the main task to do at once. From any task.
  void post(Action action);

  void startVM(std::size_t index, std::uint64_t copy, Instant begin);
  bool performDue();
  bool restoreEnded();
  bool isDone() const;
  std::uint64_t endedVMs() const;
  /// News is also a VM that has ended since there were so many. False: nothing has happened for as long as
  /// patience lasts.
  bool waitForNews(std::uint64_t known_ended_vms);
  void noteProgress();

  void stopServer(std::size_t index);
  void pauseServer(ServerProcess& server, Duration duration);
  void pauseVM(VMProcess& vm, Duration duration);
  bool hasItsPort(std::size_t index);
  void killServer(std::size_t index, std::optional<Duration> back_after);
  void killVM(VMProcess& vm, std::optional<Duration> back_after);
  /// Whose stream it is that the calling task reads or writes; null: nobody's.
  VMProcess* concernedVM() const;
  /// `concerned`, or the first that lives.
  VMProcess* chosenVM(VMProcess* concerned);
  /// That of `concerned`, or the first that lives.
  std::optional<std::size_t> chosenServer(const VMProcess* concerned);

  RunContext& context_;
  Participants& participants_;
  std::multimap<Instant, Entry> timetable_;
  std::vector<VMProcess*> to_restore_;  ///< when they have ended
  std::vector<Action> posted_;          ///< guarded by the context's mutex
  std::uint64_t seen_progress_ = 0;
  Instant last_progress_;
  bool healed_ = false;
  std::unique_ptr<ProgressWatch>
      watch_;  ///< in the simulation, when healed: from then on something must go on
};

}  // namespace jitrig
