#include "protocol/runtime/simulation/timer_queue.h"

namespace jitrig::simulation {

void TimerQueue::place(std::size_t index, const Entry& entry) {
  heap_[index] = entry;
  entry.timer->index_ = index;
}

void TimerQueue::moveUp(std::size_t index) {
  const Entry entry = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!entry.isBefore(heap_[parent])) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerQueue::moveDown(std::size_t index) {
  const Entry entry = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].isBefore(heap_[child])) ++child;
    if (!heap_[child].isBefore(entry)) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, entry);
}

void TimerQueue::set(Timer& timer, Instant time) {
  timer.time_ = time;
  timer.sequence_number_ = next_sequence_number_++;
  timer.set_ = true;
  if (timer.index_ == Timer::kNowhere) {
    heap_.push_back(entryOf(timer));
    moveUp(heap_.size() - 1);
  } else if (time < heap_[timer.index_].time) {
    heap_[timer.index_] = entryOf(timer);
    moveUp(timer.index_);
  }
}

void TimerQueue::settleFirst() {
  Timer& timer = *heap_.front().timer;
  if (!timer.set_) return takeOut(0);
  heap_.front() = entryOf(timer);
  moveDown(0);
}

void TimerQueue::takeOut(std::size_t index) {
  heap_[index].timer->index_ = Timer::kNowhere;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  place(index, last);
  moveUp(index);
  moveDown(last.timer->index_);
}

void TimerQueue::remove(Timer& timer) {
  timer.set_ = false;
  if (timer.index_ != Timer::kNowhere) takeOut(timer.index_);
}

Timer& TimerQueue::takeNext() {
  settle();
  Timer& timer = *heap_.front().timer;
  withdraw(timer);  // what fires is often set again at once
  return timer;
}

void TimerQueue::clear() {
  for (const Entry& entry : heap_) {
    entry.timer->index_ = Timer::kNowhere;
    entry.timer->set_ = false;
  }
  heap_.clear();
}

}  // namespace jitrig::simulation
