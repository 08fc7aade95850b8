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
  const std::lock_guard lock(mutex_);
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
      if (deadline == kNever) {
        changed_.wait(lock);
      } else if (deadline <= runtime_.now() ||
                 changed_.wait_for(lock, deadline - runtime_.now()) == std::cv_status::timeout) {
        return over();
      }
      continue;
    }
    receiving_ = true;
    lock.unlock();
    const bool came = receive(deadline);
    lock.lock();
    receiving_ = false;
    changed_.notify_all();
    if (!came) return over();
  }
  return true;
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
  const std::lock_guard lock(mutex_);
  operation.ok_ = ok;
  operation.state_ = Operation::State::done;
  --out_;
  return true;
}

}  // namespace jitrig
