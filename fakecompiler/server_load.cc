#include "fakecompiler/server_load.h"

#include <utility>

namespace jitrig {

ServerActiveThreadsState activeThreadsState(std::size_t active, std::size_t usable) {
  if (active * 10 > usable * 9) return ServerActiveThreadsState::veryHigh;
  if (active * 10 > usable * 8) return ServerActiveThreadsState::high;
  return ServerActiveThreadsState::normal;
}

ServerLoad::ServerLoad(Runtime& runtime, ServerMemoryOptions memory, std::size_t usable_threads,
                       std::function<std::size_t()> active_threads, std::function<MemoryUsers()> users)
    : runtime_(runtime),
      usable_threads_(usable_threads),
      active_threads_(std::move(active_threads)),
      users_(std::move(users)),
      mutex_(runtime.makeMutex("server load")),
      memory_(std::move(memory), runtime.now()) {}

OwnStates ServerLoad::states() {
  const std::size_t active = active_threads_();
  return {.states = {.memory = memoryState(), .threads = activeThreadsState(active, usable_threads_)},
          .active_threads = active,
          .when = runtime_.now()};
}

ServerMemoryState ServerLoad::memoryState() {
  if (memory_.isAlwaysNormal()) return ServerMemoryState::normal;
  const MemoryUsers users = users_();  // asks others, who have locks
  const Lock lock(*mutex_);
  return memory_.state(users, runtime_.now());
}

OwnStates ServerLoad::statesWithoutMemory() {
  OwnStates own = states();
  if (!outOfMemory()) own.states.memory = ServerMemoryState::veryLow;
  return own;
}

bool ServerLoad::outOfMemory() const {
  return !memory_.isAlwaysNormal() && memory_.fails(runtime_.now());
}

std::uint64_t ServerLoad::usedBytes() const {
  return memory_.usedBytes(users_());
}

std::uint64_t ServerLoad::freeBytes() const {
  return memory_.freeBytes(users_(), runtime_.now());
}

}  // namespace jitrig
