#include "fakecompiler/diagnostic_thread.h"

#include <system_error>
#include <utility>

#include "protocol/runtime/reached.h"

namespace jitrig {

/// The thread owns it as well: who waits for it may be gone first when a process dies.
struct DiagnosticThread::Job {
  std::unique_ptr<ServerStream> stream;
  const ScriptedCompilation& crashed;
  bool done = false;
};

DiagnosticThread::DiagnosticThread(Runtime& runtime, Serve serve)
    : runtime_(runtime),
      serve_(std::move(serve)),
      mutex_(runtime.makeMutex("diagnostic thread")),
      changed_(runtime.makeCondition("diagnostic thread")) {}

DiagnosticThread::~DiagnosticThread() {
  stop();
}

void DiagnosticThread::serve(std::unique_ptr<ServerStream> stream, const ScriptedCompilation& crashed) {
  const auto job = std::make_shared<Job>(std::move(stream), crashed);
  Lock lock(*mutex_);
  if (stopped_ || !start()) return;
  if (!jobs_.empty()) JITRIG_REACHED("fakecompiler: a JitDump waits for another");
  jobs_.push_back(job);
  changed_->notifyAll();
  changed_->wait(lock, kNever, [&] { return job->done || stopped_; });
}

/// Under the lock. False: there are no more threads.
bool DiagnosticThread::start() {
  if (task_) return true;
  try {
    task_ = runtime_.spawn("server diagnostic thread", [this] { loop(); });
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void DiagnosticThread::loop() {
  while (const auto job = next()) {
    serve_(std::move(job->stream), job->crashed);
    const Lock lock(*mutex_);
    job->done = true;
    changed_->notifyAll();
  }
}

std::shared_ptr<DiagnosticThread::Job> DiagnosticThread::next() {
  Lock lock(*mutex_);
  changed_->wait(lock, kNever, [&] { return stopped_ || !jobs_.empty(); });
  if (stopped_) return nullptr;
  auto job = std::move(jobs_.front());
  jobs_.erase(jobs_.begin());
  return job;
}

void DiagnosticThread::stop() {
  std::vector<std::shared_ptr<Job>> dropped;  // closed without the lock
  std::unique_ptr<Task> task;
  {
    const Lock lock(*mutex_);
    stopped_ = true;
    dropped.swap(jobs_);
    task = std::move(task_);
  }
  changed_->notifyAll();
  if (task) task->join();
}

}  // namespace jitrig
