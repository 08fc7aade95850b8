#include "protocol/runtime/simulation/wait_queue.h"

#include <algorithm>
#include <cstddef>

#include "protocol/runtime/simulation/scheduler.h"

namespace jitrig::simulation {

/// Takes the entry out of the queue, however the wait ends.
class WaitQueue::Stay {
 public:
  Stay(std::vector<Entry*>& entries, Entry& entry) : entries_(entries), entry_(entry) {
    entries_.push_back(&entry_);
  }
  ~Stay() {
    if (!entry_.notified) std::erase(entries_, &entry_);
  }
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;

 private:
  std::vector<Entry*>& entries_;
  Entry& entry_;
};

WakeUp WaitQueue::wait(Scheduler& scheduler, const WaitPlace& place, Instant deadline,
                       AtWorldEnd at_world_end) {
  Entry entry{.task = scheduler.current("a wait")};
  const Stay stay(entries_, entry);
  const WakeUp woken_by = scheduler.wait(place, deadline, at_world_end);
  return woken_by == WakeUp::deadline && entry.notified ? WakeUp::notified : woken_by;
}

std::size_t WaitQueue::choose(Scheduler& scheduler) const {
  if (entries_.size() == 1) return 0;
  RandomStream& chance = scheduler.stream(RandomPurpose::schedule);
  if (scheduler.pausedHosts() == 0) return chance.below(entries_.size());
  // Whoever is paused would keep it from those who are not.
  std::vector<std::size_t> awake;
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    if (!entries_[index]->task.process.paused) awake.push_back(index);
  }
  if (awake.empty()) return chance.below(entries_.size());
  return awake[chance.below(awake.size())];
}

void WaitQueue::notifyOne(Scheduler& scheduler) {
  if (entries_.empty()) return;
  const std::size_t chosen = choose(scheduler);
  Entry& entry = *entries_[chosen];
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(chosen));
  entry.notified = true;
  scheduler.wake(entry.task, WakeUp::notified);
}

void WaitQueue::notifyAll(Scheduler& scheduler) {
  for (Entry* entry : entries_) {
    entry->notified = true;
    scheduler.wake(entry->task, WakeUp::notified);
  }
  entries_.clear();
}

}  // namespace jitrig::simulation
