#include "protocol/runtime/os/task_registry.h"

#include <system_error>

namespace jitrig {
namespace {

struct CurrentTask {
  TaskRegistry* registry = nullptr;
  TaskRecord* record = nullptr;
};
thread_local CurrentTask current_task;

}  // namespace

TaskRegistry::Binding::Binding(TaskRegistry& registry, TaskRecord& record) {
  current_task = {&registry, &record};
}

TaskRegistry::Binding::~Binding() {
  current_task = {};
}

TaskRecord& TaskRegistry::current() {
  if (current_task.registry == this) return *current_task.record;
  const std::lock_guard lock(mutex_);
  std::unique_ptr<TaskRecord>& record = foreign_[std::this_thread::get_id()];
  if (!record) record = std::make_unique<TaskRecord>(TaskRecord{"main", {}, {}});
  return *record;
}

const Waker* TaskRegistry::currentWaker() {
  TaskRecord& record = current();
  try {
    if (!record.waker) record.waker.emplace();
  } catch (const std::system_error&) {
    return nullptr;
  }
  return &*record.waker;
}

}  // namespace jitrig
