#include "protocol/runtime/simulation/timer_queue.h"

namespace jitrig::simulation {

namespace {

template <class Time>
bool before(Time time_a, std::uint64_t number_a, Time time_b, std::uint64_t number_b) {
  return time_a != time_b ? time_a < time_b : number_a < number_b;
}

}  // namespace

void TimerQueue::place(std::size_t index, Timer* timer) {
  heap_[index] = timer;
  timer->index_ = index;
}

void TimerQueue::moveUp(std::size_t index) {
  Timer* timer = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    Timer* above = heap_[parent];
    if (!before(timer->time_, timer->sequence_number_, above->time_, above->sequence_number_)) break;
    place(index, above);
    index = parent;
  }
  place(index, timer);
}

void TimerQueue::moveDown(std::size_t index) {
  Timer* timer = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    Timer* below = heap_[child];
    if (child + 1 < heap_.size()) {
      Timer* right = heap_[child + 1];
      if (before(right->time_, right->sequence_number_, below->time_, below->sequence_number_)) {
        ++child;
        below = right;
      }
    }
    if (!before(below->time_, below->sequence_number_, timer->time_, timer->sequence_number_)) break;
    place(index, below);
    index = child;
  }
  place(index, timer);
}

void TimerQueue::set(Timer& timer, Instant time) {
  timer.time_ = time;
  timer.sequence_number_ = next_sequence_number_++;
  heap_.push_back(&timer);
  moveUp(heap_.size() - 1);
}

void TimerQueue::remove(Timer& timer) {
  if (!timer.isSet()) return;
  const std::size_t index = timer.index_;
  timer.index_ = Timer::kNotSet;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  place(index, last);
  moveUp(index);
  moveDown(last->index_);
}

Timer& TimerQueue::takeNext() {
  Timer& timer = *heap_.front();
  remove(timer);
  return timer;
}

void TimerQueue::clear() {
  for (Timer* timer : heap_) timer->index_ = Timer::kNotSet;
  heap_.clear();
}

}  // namespace jitrig::simulation
