#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/server_stream.h"

namespace jitrig {

/// What is taken before what.
enum class QueuePriority : std::uint8_t {
  urgent,    ///< loading an AOT cache: clients wait for it
  ordinary,  ///< requests, in the order in which they became readable
};

/// What a compilation thread has to do: serve a stream, or something else.
struct QueueEntry {
  std::unique_ptr<ServerStream> stream;
  std::function<void()> work = {};  ///< if `stream` is null

  bool empty() const { return !stream && !work; }
};

/// What compilation threads have to do, and who of them does it: a new entry wakes the thread that has no
/// job; if there is none, one that was suspended; if there is none, a new one is started, up to the limit. A
/// thread that finds nothing to do waits for a job if nobody else does, otherwise it is suspended
/// (semantics.md, section 6). Thread-safe. It holds at most as many streams as there are connections, which
/// the Listener limits.
class CompilationQueue {
 public:
  /// `start_thread`: makes one more task that calls pop() until it gets nothing. False: it could not, and
  /// there will be no more than there are.
  CompilationQueue(Runtime& runtime, std::size_t max_threads, std::function<bool()> start_thread);

  /// Starts the first thread. Throws what starting throws.
  void start();

  /// After close() the entry is dropped; a stream is closed by that.
  void push(QueueEntry entry, QueuePriority priority = QueuePriority::ordinary);
  /// A stream on which a request waits.
  void push(std::unique_ptr<ServerStream> stream) { push(QueueEntry{.stream = std::move(stream)}); }

  /// Waits for an entry; an empty one after close().
  QueueEntry pop();

  /// Drops all entries and ends every pop().
  void close();

  /// How many entries wait.
  std::size_t length() const;
  /// Threads that have something to do.
  std::size_t activeThreads() const;

 private:
  bool callSomebody();
  QueueEntry takeFirst();

  const std::size_t max_threads_;
  const std::function<bool()> start_thread_;
  std::unique_ptr<Mutex> mutex_;  ///< guards everything below
  std::unique_ptr<Condition> called_;
  std::unique_ptr<Condition> activated_;
  std::deque<QueueEntry> entries_;  ///< the urgent ones first
  std::size_t urgent_ = 0;          ///< of them
  std::size_t threads_ = 0;         ///< that were started
  std::size_t jobless_ = 0;         ///< of them: one at most, that waits for a job
  std::size_t suspended_ = 0;       ///< of them
  std::size_t calls_ = 0;           ///< that were made to who was jobless, and not heard yet
  std::size_t activations_ = 0;     ///< of those that were suspended
  bool no_more_threads_ = false;
  bool closed_ = false;
};

}  // namespace jitrig
