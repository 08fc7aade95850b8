#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "protocol/runtime/runtime.h"

namespace grpc {  // NOLINT(readability-identifier-naming): the library's
class CompletionQueue;
}  // namespace grpc

namespace jitrig {

/// Something asked of gRPC, which is done when it comes out of the queue. Its address is its tag.
class Operation {
 public:
  /// Whether it has come back and nobody has taken the result. From any thread.
  bool done() const { return state_ == State::done; }

 private:
  friend class CallQueue;
  enum class State { idle, out, done };
  std::atomic<State> state_ = State::idle;
  bool ok_ = false;
};

/// The completion queue of one stream: what is asked of gRPC returns at once, and is made synchronous by
/// waiting here until it comes back. Any number of threads may wait, each for an operation of its own: one of
/// them waits at gRPC's queue and notes what comes out, also for the others.
class CallQueue {
 public:
  explicit CallQueue(Runtime& runtime);
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;
  /// Shuts the queue down and drains it, then destroys it.
  ~CallQueue();

  grpc::CompletionQueue* queue() { return queue_.get(); }

  /// The tag to ask with: the operation is out until it comes back.
  void* begin(Operation& operation);
  bool isIdle(const Operation& operation) const { return operation.state_ == Operation::State::idle; }

  /// Whether it is not out any more; false if the deadline passed before. Then it can be waited for again.
  /// CompletionQueue::Next for kNever, AsyncNext otherwise.
  bool wait(Operation& operation, Instant deadline);

  /// Of an operation that has come back.
  bool wentWell(const Operation& operation) const { return operation.ok_; }
  /// The same; it is idle again.
  bool take(Operation& operation);

  /// Waits until nothing is out; false if the deadline passed before.
  bool drain(Instant deadline);

 private:
  template <class Predicate>
  bool waitUntil(Instant deadline, Predicate over);
  template <class Predicate>
  bool waitForReceiver(std::unique_lock<std::mutex>& lock, Instant deadline, Predicate over);
  bool receive(Instant deadline);

  Runtime& runtime_;
  std::unique_ptr<grpc::CompletionQueue> queue_;
  std::atomic<int> out_ = 0;
  std::atomic<int> waiting_ = 0;  ///< for the thread that receives
  std::mutex mutex_;              // guards everything below
  std::condition_variable changed_;
  bool receiving_ = false;
};

}  // namespace jitrig
