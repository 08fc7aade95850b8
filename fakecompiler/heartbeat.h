#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "protocol/runtime/runtime.h"

namespace jitrig {

/// How a server is, from time to time.
struct ServerHeartbeat {
  Instant when;
  std::size_t connections = 0;  ///< of clients, that are open
  std::size_t sessions = 0;     ///< clients that it knows
  std::size_t active_threads = 0;
  std::size_t usable_threads = 0;
  std::size_t queue_length = 0;  ///< entries for which there is no thread yet
  std::uint64_t free_memory_bytes = 0;
  std::uint64_t cleared_caches = 0;  ///< since the start: a client's requests were lost
  std::uint64_t compilations = 0;    ///< that have ended since the heartbeat before
};

/// "heartbeat: t= 60000 clients=3 connections=7 activeThreads=5/63 queue=2 freeMemory=8188 MiB
/// clearedCaches=0 compilations=41", in one line.
std::string toString(const ServerHeartbeat& heartbeat);

/// Reads how the server is, and tells it, once per interval.
class HeartbeatTask {
 public:
  /// `beat`: called by its task.
  HeartbeatTask(Runtime& runtime, Duration interval, std::function<void()> beat);
  ~HeartbeatTask();
  HeartbeatTask(const HeartbeatTask&) = delete;
  HeartbeatTask& operator=(const HeartbeatTask&) = delete;

  /// Ends it, and waits. Later calls do nothing.
  void stop();

 private:
  void run();

  Runtime& runtime_;
  const Duration interval_;
  const std::function<void()> beat_;
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> stopped_;
  bool stopping_ = false;
  std::unique_ptr<Task> task_;
};

}  // namespace jitrig
