#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/server_stream.h"

namespace jitrig {

/// Streams on which a request is waiting, in the order in which they became readable. Thread-safe. It holds
/// at most as many entries as there are connections, which the Listener limits.
class CompilationQueue {
 public:
  explicit CompilationQueue(Runtime& runtime);

  /// After close() the stream is dropped, that is, closed.
  void push(std::unique_ptr<ServerStream> stream);

  /// Waits for an entry; nullptr after close().
  std::unique_ptr<ServerStream> pop();

  /// Drops all entries and ends every pop().
  void close();

 private:
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> not_empty_;
  std::deque<std::unique_ptr<ServerStream>> entries_;
  bool closed_ = false;
};

}  // namespace jitrig
