#pragma once

#include <exception>
#include <functional>
#include <string>
#include <thread>

#include "protocol/runtime/os/task_registry.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// A task as a thread.
class SystemTask final : public Task {
 public:
  /// Throws std::system_error if there can be no further thread or descriptor.
  SystemTask(TaskRegistry& registry, std::string name, std::move_only_function<void()> body);
  ~SystemTask() override;

  void join() override;

 private:
  void run(TaskRegistry& registry, std::move_only_function<void()> body);

  TaskRecord record_;
  std::exception_ptr exception_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace jitrig
