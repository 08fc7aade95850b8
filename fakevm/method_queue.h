#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "fakevm/activation_policy.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// The methods that come up for compilation, and which of the VM's threads take them: by its activation
/// policy, if it has one, else all. Used under the VM's lock.
class MethodQueue {
 public:
  /// What a thread does next.
  enum class Next : std::uint8_t {
    method,   ///< compile it
    suspend,  ///< leave its connection, then ask again: it has become one thread too many
    end,      ///< there is nothing more to do
  };
  /// What becomes of a thread.
  enum class Change : std::uint8_t { activated, suspended };

  /// `changed` is told when a policy changes, or the VM ends. `interval_ms`: a method comes up so often; 0:
  /// all at once. `on_change`: told under the lock.
  MethodQueue(Runtime& runtime, Condition& changed, std::uint64_t methods, std::int64_t interval_ms,
              std::function<void(Change, std::size_t thread)> on_change);

  /// The first one is that; before begin().
  void skipTo(std::uint64_t number) { next_ = number; }
  /// The next one that nobody has taken yet.
  std::uint64_t next() const { return next_; }

  /// `by_policy`: threads are activated as they are needed and allowed.
  void begin(std::size_t threads, bool by_policy);
  /// Waits until there is something to do for that thread. `number`: of the method, from 0.
  Next take(Lock& lock, std::size_t thread, std::uint64_t& number);
  /// No more methods.
  void end() { ended_ = true; }
  void setPolicy(ActivationPolicy policy);

  std::size_t activeThreads() const { return active_count_; }

 private:
  bool allTaken() const { return ended_ || next_ >= methods_; }
  Instant dueTime(std::uint64_t number) const;
  bool isReached(Instant deadline) const;
  void callOthers();
  bool isOneTooMany() const;
  Instant activationTime() const;
  void activate(std::size_t thread);
  void suspend(std::size_t thread);

  Runtime& runtime_;
  Condition& changed_;
  const std::uint64_t methods_;
  const std::int64_t interval_ms_;
  const std::function<void(Change, std::size_t)> on_change_;
  bool by_policy_ = false;
  bool ended_ = false;
  ActivationPolicy policy_ = ActivationPolicy::aggressive;
  Instant began_;
  std::uint64_t next_ = 0;
  std::vector<bool> active_;  ///< by thread
  std::size_t active_count_ = 0;
  std::size_t idle_ = 0;  ///< active threads that wait for a method
};

}  // namespace jitrig
