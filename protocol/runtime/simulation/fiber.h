#pragma once

#include <array>
#include <cstddef>

#include "protocol/runtime/simulation/fiber_stack.h"

namespace jitrig::simulation {

/// What libstdc++ keeps per thread about exceptions (`__cxa_eh_globals`): those being handled, and how many
/// are in flight. Each fiber needs its own, or two fibers that wait inside a catch block mix them up.
struct ExceptionState {
  std::array<std::byte, sizeof(void*) + sizeof(unsigned int)> bytes{};
};

/// A stack and a place in it: a function that can stop in its middle. Runs in the thread that resumes it,
/// which must always be the same one.
class Fiber {
 public:
  /// `entry(argument)` must not throw. The pool has to outlive the Fiber.
  Fiber(FiberStackPool& pool, void (*entry)(void* argument), void* argument, const char* name);

  /// It must have ended, or not have begun, or have been abandoned.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs the fiber until it suspends or its entry returns. Not from within a fiber of the same world.
  void resume();

  /// Back to the one who called resume(). Only from within this fiber.
  void suspend();

  bool ended() const { return ended_; }

  /// Whether the address lies below its stack, where nothing may be.
  bool hasInGuard(const void* address) const { return address >= stack_.mapping && address < stack_.lowest; }

  /// It will never be resumed. What lives on its stack stays there for the rest of the process, also in the
  /// eyes of LeakSanitizer.
  void abandon();

 private:
  struct Entrance;

  void leave(bool for_ever);

  FiberStackPool& pool_;
  FiberStack stack_;
  void (*entry_)(void*);
  void* argument_;
  void* context_ = nullptr;         // where the fiber goes on
  void* caller_context_ = nullptr;  // where resume() goes on
  bool ended_ = false;
  bool abandoned_ = false;
  ExceptionState exceptions_;

  // Used by sanitizers only.
  void* fake_stack_ = nullptr;
  const void* caller_stack_lowest_ = nullptr;
  std::size_t caller_stack_size_bytes_ = 0;
  void* race_fiber_ = nullptr;
  void* caller_race_fiber_ = nullptr;
};

}  // namespace jitrig::simulation
