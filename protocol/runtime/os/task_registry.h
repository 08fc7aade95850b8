#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "protocol/runtime/os/waker.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// What a thread has as a task of a Runtime. Used by its own thread only, but for Waker::wake().
struct TaskRecord {
  std::string name;
  std::array<std::shared_ptr<void>, kTaskLocalSlots> locals;
  std::optional<Waker> waker;  ///< made when the task is spawned, so that a wait later on needs no descriptor
};

/// Finds the calling thread's TaskRecord. Threads that were not spawned by the Runtime (the one that made
/// it; gtest's) get a record "main" at their first question; it lives as long as the registry.
class TaskRegistry {
 public:
  TaskRecord& current();

  /// nullptr if the thread has none yet and no descriptor is left for one.
  const Waker* currentWaker();

  /// Makes `record` the calling thread's for as long as the Binding lives.
  class Binding {
   public:
    Binding(TaskRegistry& registry, TaskRecord& record);
    Binding(const Binding&) = delete;
    Binding& operator=(const Binding&) = delete;
    ~Binding();
  };

 private:
  std::mutex mutex_;
  std::unordered_map<std::thread::id, std::unique_ptr<TaskRecord>> foreign_;
};

}  // namespace jitrig
