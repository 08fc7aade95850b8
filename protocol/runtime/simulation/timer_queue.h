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

  bool isSet() const { return set_; }

 private:
  friend class TimerQueue;
  static constexpr std::size_t kNowhere = SIZE_MAX;

  Instant time_;
  std::uint64_t sequence_number_ = 0;
  std::size_t index_ = kNowhere;  // where it stands in the heap
  bool set_ = false;
};

/// A heap ordered by time, then by the order of setting.
///
/// Deadlines of 30 seconds on operations of microseconds are set and withdrawn all the time, and hardly ever
/// come. So a withdrawn timer keeps its place, and if it is set again for later, that is seen to only when
/// its place is the first: a task has one entry at most, and none of this touches the others.
class TimerQueue {
 public:
  /// The timer must not be set already. It must outlive its being set, or withdrawn: remove() it before it
  /// ends.
  void set(Timer& timer, Instant time);

  /// It will not fire. Nothing happens if it is not set.
  void withdraw(Timer& timer) { timer.set_ = false; }

  /// It will not fire, and the queue forgets it. Nothing happens if it is not set.
  void remove(Timer& timer);

  bool empty() {
    settle();
    return heap_.empty();
  }
  Instant nextTime() {  ///< not if empty
    settle();
    return heap_.front().time;
  }
  Timer& takeNext();  ///< not if empty
  void clear();

 private:
  /// What the timer was set to when it got its place: not later than what it is set to now.
  struct Entry {
    Instant time;
    std::uint64_t sequence_number = 0;
    Timer* timer = nullptr;

    bool isBefore(const Entry& other) const {
      return time != other.time ? time < other.time : sequence_number < other.sequence_number;
    }
  };

  static Entry entryOf(Timer& timer) { return {timer.time_, timer.sequence_number_, &timer}; }
  bool isSettled() const {
    return heap_.empty() || (heap_.front().timer->set_ &&
                             heap_.front().sequence_number == heap_.front().timer->sequence_number_);
  }
  void settle() {
    while (!isSettled()) settleFirst();
  }
  void settleFirst();
  void takeOut(std::size_t index);
  void place(std::size_t index, const Entry& entry);
  void moveUp(std::size_t index);
  void moveDown(std::size_t index);

  std::vector<Entry> heap_;
  std::uint64_t next_sequence_number_ = 0;
};

}  // namespace jitrig::simulation
