#include "fakevm/method_queue.h"

#include <chrono>
#include <utility>

#include "protocol/runtime/reached.h"

namespace jitrig {

MethodQueue::MethodQueue(Runtime& runtime, Condition& changed, std::uint64_t methods,
                         std::int64_t interval_ms, std::function<void(Change, std::size_t)> on_change)
    : runtime_(runtime),
      changed_(changed),
      methods_(methods),
      interval_ms_(interval_ms),
      on_change_(std::move(on_change)) {}

void MethodQueue::begin(std::size_t threads, bool by_policy) {
  by_policy_ = by_policy;
  // As if those that are skipped had come up before.
  if (interval_ms_ != 0)
    began_ = runtime_.now() + std::chrono::milliseconds(-interval_ms_ * static_cast<std::int64_t>(next_));
  active_.assign(threads, !by_policy);
  if (!by_policy) active_count_ = threads;
}

MethodQueue::Next MethodQueue::take(Lock& lock, std::size_t thread, std::uint64_t& number) {
  while (!allTaken()) {
    if (active_[thread] && isOneTooMany()) {
      suspend(thread);
      return Next::suspend;
    }
    const Instant deadline = active_[thread] ? dueTime(next_) : activationTime();
    if (isReached(deadline)) {
      if (!active_[thread]) activate(thread);
      number = next_++;
      callOthers();
      return Next::method;
    }
    idle_ += active_[thread] ? 1 : 0;
    changed_.wait(lock, deadline);
    idle_ -= active_[thread] ? 1 : 0;
  }
  return Next::end;
}

/// Methods that come up all at once need no clock.
bool MethodQueue::isReached(Instant deadline) const {
  return deadline != kNever && (interval_ms_ == 0 || runtime_.now() >= deadline);
}

/// A thread takes a method: there may be no other one, or nobody left to take the next one.
void MethodQueue::callOthers() {
  const bool may_activate = by_policy_ && idle_ == 0 && active_count_ < active_.size();
  if (allTaken() || may_activate) changed_.notifyAll();
}

void MethodQueue::setPolicy(ActivationPolicy policy) {
  if (std::exchange(policy_, policy) != policy) changed_.notifyAll();
}

/// When a method comes up; the beginning, if all do at once.
Instant MethodQueue::dueTime(std::uint64_t number) const {
  if (interval_ms_ == 0) return began_;
  return began_ + std::chrono::milliseconds(interval_ms_ * static_cast<std::int64_t>(number));
}

/// The last one stays.
bool MethodQueue::isOneTooMany() const {
  return by_policy_ && policy_ == ActivationPolicy::suspend && active_count_ > 1;
}

/// When so many methods wait that one more thread is due, if none is taken before. Not while an active one
/// waits for them, which tells when it does no longer.
Instant MethodQueue::activationTime() const {
  if (active_count_ == 0) return dueTime(next_);
  if (!mayActivate(policy_) || idle_ != 0) return kNever;
  const std::uint64_t last = next_ + starvationThreshold(policy_) - 1;
  return last < methods_ ? dueTime(last) : kNever;
}

void MethodQueue::activate(std::size_t thread) {
  active_[thread] = true;
  ++active_count_;
  on_change_(Change::activated, thread);
}

void MethodQueue::suspend(std::size_t thread) {
  JITRIG_REACHED("fakevm: a thread is suspended, for the server has too much to do");
  active_[thread] = false;
  --active_count_;
  on_change_(Change::suspended, thread);
}

}  // namespace jitrig
