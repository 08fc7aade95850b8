#include "fakecompiler/compilation_queue.h"

#include <utility>

#include "protocol/runtime/reached.h"

namespace jitrig {

CompilationQueue::CompilationQueue(Runtime& runtime)
    : mutex_(runtime.makeMutex("compilation queue")),
      not_empty_(runtime.makeCondition("compilation queue")) {}

void CompilationQueue::push(std::unique_ptr<ServerStream> stream) {
  {
    const Lock lock(*mutex_);
    if (closed_) {
      JITRIG_REACHED("queue: a request comes after the end");
      return;
    }
    if (!entries_.empty()) JITRIG_REACHED("queue: a request waits behind another");
    entries_.push_back(std::move(stream));
  }
  not_empty_->notifyOne();
}

std::unique_ptr<ServerStream> CompilationQueue::pop() {
  Lock lock(*mutex_);
  not_empty_->wait(lock, kNever, [&] { return closed_ || !entries_.empty(); });
  if (closed_) return nullptr;
  auto stream = std::move(entries_.front());
  entries_.pop_front();
  return stream;
}

void CompilationQueue::close() {
  std::deque<std::unique_ptr<ServerStream>> dropped;  // destroyed, and so closed, without the lock
  {
    const Lock lock(*mutex_);
    closed_ = true;
    if (!entries_.empty()) JITRIG_REACHED("queue: it is closed while requests wait");
    dropped.swap(entries_);
  }
  not_empty_->notifyAll();
}

}  // namespace jitrig
