#pragma once

#include <atomic>

namespace jitrig {

/// A lock for a few instructions, in which nobody waits. A recorder must not use the Runtime's: those are
/// places where a simulated task may be preempted, so that recording a run would change it. Usable with
/// std::lock_guard.
class SpinLock {
 public:
  void lock() {
    while (locked_.test_and_set(std::memory_order_acquire)) {
    }
  }
  void unlock() { locked_.clear(std::memory_order_release); }

 private:
  std::atomic_flag locked_;
};

/// Holds a SpinLock. (std::lock_guard stands in <mutex>, with all that may not be used here.)
class SpinGuard {
 public:
  explicit SpinGuard(SpinLock& lock) : lock_(lock) { lock_.lock(); }
  ~SpinGuard() { lock_.unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

}  // namespace jitrig
