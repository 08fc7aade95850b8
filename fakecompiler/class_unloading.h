#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>

#include "protocol/runtime/runtime.h"

namespace jitrig {

/// Thrown where a compilation is about to ask, while classes are unloaded that it may rely on: the server
/// gives it up, and tells the client (compilationInterrupted).
class CompilationInterrupted final : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted, for classes of its client are unloaded"; }
};

/// Keeps what is known of a client's classes from being purged under compilations that rely on it: many of
/// them, or one purge. Those that are at work when a purge is due give up at their next question; those that
/// come later wait for it. Thread-safe.
class ClassUnloading {
 public:
  /// `mutex` is the session's.
  ClassUnloading(Runtime& runtime, Mutex& mutex);

  /// A compilation relies on the classes as they are.
  class Use {
   public:
    /// Waits while a purge is due. `lock` is one of the session's mutex.
    Use(ClassUnloading& classes, Lock& lock);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    /// Throws CompilationInterrupted if a purge is due.
    void requireClasses() const;

   private:
    ClassUnloading& classes_;
  };

  /// A purge.
  class Attempt {
   public:
    /// Waits until nobody relies on the classes.
    explicit Attempt(ClassUnloading& classes);
    ~Attempt();
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

   private:
    ClassUnloading& classes_;
  };

 private:
  Mutex& mutex_;  ///< guards what follows; `attempts_` is read without
  std::unique_ptr<Condition> changed_;
  std::uint32_t uses_ = 0;
  std::atomic<std::uint32_t> attempts_{0};
};

}  // namespace jitrig
