#include "protocol/runtime/os/system_task.h"

#include <pthread.h>
#include <utility>

namespace jitrig {
namespace {

constexpr std::size_t kMaxThreadNameSize = 15;  // the kernel's

}  // namespace

SystemTask::SystemTask(TaskRegistry& registry, std::string name, std::move_only_function<void()> body)
    : record_{std::move(name), {}, {}} {
  record_.waker.emplace();
  thread_ = std::thread(
      [this, &registry, moved_body = std::move(body)]() mutable { run(registry, std::move(moved_body)); });
}

void SystemTask::run(TaskRegistry& registry, std::move_only_function<void()> body) {
  const TaskRegistry::Binding binding(registry, record_);
  pthread_setname_np(pthread_self(), record_.name.substr(0, kMaxThreadNameSize).c_str());
  try {
    body();
  } catch (...) {
    exception_ = std::current_exception();  // goes on in join()
  }
  // What the body and the locals hold ends with the task, in the task: it may still ask the Runtime.
  body = nullptr;
  for (std::shared_ptr<void>& local : record_.locals) local.reset();
}

SystemTask::~SystemTask() {
  if (thread_.joinable()) thread_.join();
}

void SystemTask::join() {
  if (thread_.joinable()) thread_.join();
  if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
}

}  // namespace jitrig
