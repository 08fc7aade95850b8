#pragma once

#include <condition_variable>
#include <mutex>

#include "protocol/runtime/os/system_clock.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

class SystemMutex final : public Mutex {
 public:
  void lock() override { native_.lock(); }
  bool try_lock() override { return native_.try_lock(); }
  void unlock() override { native_.unlock(); }

 private:
  friend class SystemCondition;
  std::mutex native_;
};

class SystemCondition final : public Condition {
 public:
  explicit SystemCondition(const SystemClock& clock) : clock_(clock) {}

  using Condition::wait;
  bool wait(Lock& lock, Instant deadline) override;
  void notifyOne() override { native_.notify_one(); }
  void notifyAll() override { native_.notify_all(); }

 private:
  const SystemClock& clock_;
  std::condition_variable native_;
};

}  // namespace jitrig
