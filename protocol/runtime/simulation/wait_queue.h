#pragma once

#include <cstddef>
#include <vector>

#include "protocol/runtime/instant.h"

namespace jitrig::simulation {

class Scheduler;
struct TaskState;
struct WaitPlace;
enum class AtWorldEnd;

/// Why a wait came to its end.
enum class WakeUp {
  notified,    ///< somebody woke the task
  deadline,    ///< its deadline passed
  worldEnded,  ///< nothing will ever happen any more
  forced       ///< as worldEnded, and the lock counts as taken
};

/// The tasks that wait for one thing.
class WaitQueue {
 public:
  WaitQueue() = default;
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  /// As Scheduler::wait() for the calling task. A task that was notified at the moment of its deadline was
  /// notified: the notification would be lost otherwise.
  WakeUp wait(Scheduler& scheduler, const WaitPlace& place, Instant deadline, AtWorldEnd at_world_end);

  /// Wakes the one that the seed chooses; one whose host is paused only if all others are paused, too.
  void notifyOne(Scheduler& scheduler);
  void notifyAll(Scheduler& scheduler);

  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    TaskState& task;
    bool notified = false;
  };
  class Stay;

  std::size_t choose(Scheduler& scheduler) const;

  std::vector<Entry*> entries_;  // on the stacks of the waiting tasks
};

}  // namespace jitrig::simulation
