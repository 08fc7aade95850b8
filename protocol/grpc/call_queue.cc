#include "protocol/grpc/call_queue.h"

#include <chrono>
#include <grpc/support/time.h>
#include <grpcpp/completion_queue.h>

#include "protocol/grpc/grpc_values.h"

namespace jitrig {
CallQueue::CallQueue(Runtime& runtime)
    : runtime_(runtime), queue_(std::make_unique<grpc::CompletionQueue>()) {}

CallQueue::~CallQueue() {
  queue_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) continue;
}

void* CallQueue::begin(Operation& operation) {
  operation.state_ = Operation::State::out;
  ++out_;
  return &operation;
}

bool CallQueue::wait(Operation& operation, Instant deadline) {
  const auto is_back = [&] { return operation.state_ != Operation::State::out; };
  return is_back() || waitUntil(deadline, is_back);
}

bool CallQueue::take(Operation& operation) {
  operation.state_ = Operation::State::idle;
  return operation.ok_;
}

bool CallQueue::drain(Instant deadline) {
  return waitUntil(deadline, [&] { return out_ == 0; });
}

template <class Predicate>
bool CallQueue::waitUntil(Instant deadline, Predicate over) {
  std::unique_lock lock(mutex_);
  while (!over()) {
    if (receiving_) {
      if (!waitForReceiver(lock, deadline, over)) return over();
      continue;
    }
    receiving_ = true;
    lock.unlock();
    bool came = true;
    while (came && !over()) came = receive(deadline);
    lock.lock();
    receiving_ = false;
    if (waiting_ != 0) changed_.notify_all();
    if (!came) return over();
  }
  return true;
}

/// False if the deadline passed. It counts itself before it looks once more, and who receives looks at the
/// count after it has noted a result: one of them sees the other.
template <class Predicate>
bool CallQueue::waitForReceiver(std::unique_lock<std::mutex>& lock, Instant deadline, Predicate over) {
  ++waiting_;
  bool in_time = true;
  if (!over()) {
    if (deadline == kNever) {
      changed_.wait(lock);
    } else {
      const Instant now = deadline == kAtOnce ? kNever : runtime_.now();
      in_time = now < deadline && changed_.wait_for(lock, deadline - now) == std::cv_status::no_timeout;
    }
  }
  --waiting_;
  return in_time;
}

/// Without the lock: one thread at a time is here.
bool CallQueue::receive(Instant deadline) {
  void* tag = nullptr;
  bool ok = false;
  if (deadline == kNever) {
    if (!queue_->Next(&tag, &ok)) return false;
  } else if (queue_->AsyncNext(&tag, &ok, deadlineOf(runtime_, deadline)) !=
             grpc::CompletionQueue::GOT_EVENT) {
    return false;
  }
  auto& operation = *static_cast<Operation*>(tag);
  operation.ok_ = ok;
  operation.state_ = Operation::State::done;
  --out_;
  if (waiting_ != 0) {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  return true;
}

}  // namespace jitrig
