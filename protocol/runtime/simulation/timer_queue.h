#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/runtime/instant.h"

namespace jitrig::simulation {

/// Something that happens at a moment of virtual time: a deadline, the arrival of bytes.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer() = default;

  /// Called by the scheduler when its time has come; it is no longer in the queue then.
  virtual void fire() = 0;

  bool isSet() const { return index_ != kNotSet; }

 private:
  friend class TimerQueue;
  static constexpr std::size_t kNotSet = SIZE_MAX;

  Instant time_;
  std::uint64_t sequence_number_ = 0;
  std::size_t index_ = kNotSet;  // where it stands in the heap
};

/// A heap ordered by time, then by the order of setting. A timer that is not needed any more is taken out at
/// once: deadlines of 30 seconds on operations of microseconds would pile up otherwise.
class TimerQueue {
 public:
  /// The timer must not be set already, and must outlive its being set.
  void set(Timer& timer, Instant time);

  /// Nothing happens if it is not set.
  void remove(Timer& timer);

  bool empty() const { return heap_.empty(); }
  Instant nextTime() const { return heap_.front()->time_; }  ///< not if empty
  Timer& takeNext();                                         ///< not if empty
  void clear();

 private:
  void place(std::size_t index, Timer* timer);
  void moveUp(std::size_t index);
  void moveDown(std::size_t index);

  std::vector<Timer*> heap_;
  std::uint64_t next_sequence_number_ = 0;
};

}  // namespace jitrig::simulation
