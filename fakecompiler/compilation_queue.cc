#include "fakecompiler/compilation_queue.h"

#include <utility>
#include <vector>

#include "protocol/runtime/reached.h"

namespace jitrig {

CompilationQueue::CompilationQueue(Runtime& runtime, std::size_t max_threads,
                                   std::function<bool()> start_thread)
    : max_threads_(max_threads),
      start_thread_(std::move(start_thread)),
      mutex_(runtime.makeMutex("compilation queue")),
      called_(runtime.makeCondition("compilation queue")),
      activated_(runtime.makeCondition("suspended compilation threads")) {}

void CompilationQueue::start() {
  {
    const Lock lock(*mutex_);
    ++threads_;
  }
  start_thread_();
}

void CompilationQueue::push(QueueEntry entry, QueuePriority priority) {
  bool start = false;
  {
    const Lock lock(*mutex_);
    if (closed_) {
      JITRIG_REACHED("queue: a request comes after the end");
      return;
    }
    if (!entries_.empty()) JITRIG_REACHED("queue: a request waits behind another");
    if (priority == QueuePriority::urgent) {
      entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(urgent_++), std::move(entry));
    } else {
      entries_.push_back(std::move(entry));
    }
    start = callSomebody();
  }
  if (!start || start_thread_()) return;
  const Lock lock(*mutex_);
  --threads_;
  no_more_threads_ = true;
}

/// True: a thread must be started, which counts already.
bool CompilationQueue::callSomebody() {
  if (jobless_ != 0) {
    --jobless_;
    ++calls_;
    called_->notifyOne();
  } else if (suspended_ != 0) {
    JITRIG_REACHED("queue: a suspended thread is activated");
    --suspended_;
    ++activations_;
    activated_->notifyOne();
  } else if (threads_ < max_threads_ && !no_more_threads_) {
    ++threads_;
    return true;
  }
  return false;
}

QueueEntry CompilationQueue::pop() {
  Lock lock(*mutex_);
  while (!closed_ && entries_.empty()) {
    if (jobless_ == 0) {
      ++jobless_;
      called_->wait(lock, kNever, [&] { return closed_ || calls_ != 0; });
      if (!closed_) --calls_;
    } else {
      ++suspended_;
      activated_->wait(lock, kNever, [&] { return closed_ || activations_ != 0; });
      if (!closed_) --activations_;
    }
  }
  return closed_ ? QueueEntry{} : takeFirst();
}

QueueEntry CompilationQueue::takeFirst() {
  QueueEntry entry = std::move(entries_.front());
  entries_.pop_front();
  if (urgent_ != 0) --urgent_;
  return entry;
}

void CompilationQueue::close() {
  std::vector<QueueEntry> dropped;  // destroyed, and so closed, without the lock
  {
    const Lock lock(*mutex_);
    closed_ = true;
    if (!entries_.empty()) JITRIG_REACHED("queue: it is closed while requests wait");
    while (!entries_.empty()) dropped.push_back(takeFirst());
  }
  called_->notifyAll();
  activated_->notifyAll();
}

std::size_t CompilationQueue::length() const {
  const Lock lock(*mutex_);
  return entries_.size();
}

std::size_t CompilationQueue::activeThreads() const {
  const Lock lock(*mutex_);
  return threads_ - jobless_ - suspended_;
}

}  // namespace jitrig
