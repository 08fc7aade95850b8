#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "fakecompiler/server_memory.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/server_states.h"

namespace jitrig {

/// The state that so many active threads of those that may be used make (semantics.md, section 6).
ServerActiveThreadsState activeThreadsState(std::size_t active, std::size_t usable);

/// What a server says of itself.
struct OwnStates {
  ServerStates states;
  std::size_t active_threads = 0;
  Instant when;  ///< it looked
};

/// How much a server has to do, and what it says of it with its final messages. Thread-safe.
class ServerLoad {
 public:
  /// `active_threads` and `users` are asked whenever the states are; they must outlive it.
  ServerLoad(Runtime& runtime, ServerMemoryOptions memory, std::size_t usable_threads,
             std::function<std::size_t()> active_threads, std::function<MemoryUsers()> users);

  OwnStates states();               ///< as of now
  ServerMemoryState memoryState();  ///< as of now
  /// Of a server that has just found no memory: very low, unless it is told that it is otherwise.
  OwnStates statesWithoutMemory();
  /// A compilation finds no memory now.
  bool outOfMemory() const;
  std::uint64_t freeBytes() const;
  /// By sessions and compilations.
  std::uint64_t usedBytes() const;

 private:
  Runtime& runtime_;
  const std::size_t usable_threads_;
  const std::function<std::size_t()> active_threads_;
  const std::function<MemoryUsers()> users_;
  std::unique_ptr<Mutex> mutex_;
  ServerMemory memory_;
};

}  // namespace jitrig
