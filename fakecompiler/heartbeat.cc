#include "fakecompiler/heartbeat.h"

#include <fmt/format.h>
#include <utility>

namespace jitrig {

std::string toString(const ServerHeartbeat& heartbeat) {
  constexpr std::int64_t kNsPerMs = 1'000'000;
  return fmt::format(
      "heartbeat: t={:6} clients={} connections={} activeThreads={}/{} queue={} freeMemory={} MiB "
      "clearedCaches={} compilations={}",
      heartbeat.when.ns / kNsPerMs, heartbeat.sessions, heartbeat.connections, heartbeat.active_threads,
      heartbeat.usable_threads, heartbeat.queue_length, heartbeat.free_memory_bytes >> 20U,
      heartbeat.cleared_caches, heartbeat.compilations);
}

HeartbeatTask::HeartbeatTask(Runtime& runtime, Duration interval, std::function<void()> beat)
    : runtime_(runtime),
      interval_(interval),
      beat_(std::move(beat)),
      mutex_(runtime.makeMutex("heartbeat")),
      stopped_(runtime.makeCondition("the next heartbeat")),
      task_(runtime.spawn("heartbeat", [this] { run(); })) {}

HeartbeatTask::~HeartbeatTask() {
  stop();
}

void HeartbeatTask::run() {
  Instant next = runtime_.now() + interval_;
  Lock lock(*mutex_);
  while (!stopped_->wait(lock, next, [&] { return stopping_; })) {
    lock.unlock();
    beat_();
    lock.lock();
    next = next + interval_;
  }
}

void HeartbeatTask::stop() {
  {
    const Lock lock(*mutex_);
    stopping_ = true;
    stopped_->notifyAll();
  }
  if (task_) task_->join();
  task_.reset();
}

}  // namespace jitrig
