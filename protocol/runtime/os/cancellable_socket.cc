#include "protocol/runtime/os/cancellable_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <span>
#include <system_error>

namespace jitrig {
namespace {

/// Whether anything was reported before the deadline. EINTR goes on with what is left of the time.
bool pollUntil(const SystemClock& clock, std::span<pollfd> descriptors, Instant deadline) {
  while (true) {
    timespec storage{};
    const timespec* length = clock.remaining(deadline, storage);
    const int count = ppoll(descriptors.data(), descriptors.size(), length, nullptr);
    if (count > 0) return true;
    if (count == 0 && deadline != kNever && clock.now() >= deadline) return false;
    if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "ppoll");
  }
}

}  // namespace

WaitOutcome waitForDescriptor(const SystemClock& clock, int descriptor, short events, Instant deadline) {
  std::array<pollfd, 1> descriptors{pollfd{descriptor, events, 0}};
  return pollUntil(clock, descriptors, deadline) ? WaitOutcome::ready : WaitOutcome::timedOut;
}

WaitOutcome CancellableSocket::wait(short events, Instant deadline) {
  const Waker* waker = services_.tasks.currentWaker();
  if (waker == nullptr) return WaitOutcome::limit;
  {
    const std::lock_guard lock(mutex_);
    if (interrupted_) return WaitOutcome::interrupted;
    waiting_.push_back(waker);
  }
  const Departure departure{*this, *waker};
  // poll() passes over negative numbers: without events a hang-up must not end the wait either.
  std::array<pollfd, 2> descriptors{pollfd{events != 0 ? descriptor() : -1, events, 0},
                                    pollfd{waker->descriptor(), POLLIN, 0}};
  const bool reported = pollUntil(services_.clock, descriptors, deadline);
  if (interrupted_) return WaitOutcome::interrupted;
  return reported ? WaitOutcome::ready : WaitOutcome::timedOut;
}

CancellableSocket::Departure::~Departure() {
  const std::lock_guard lock(socket.mutex_);
  socket.waiting_.erase(std::find(socket.waiting_.begin(), socket.waiting_.end(), &waker));
  // Nobody can wake it for this socket any more: it is as new for its task's next wait.
  if (socket.interrupted_) waker.drain();
}

void CancellableSocket::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  for (const Waker* waker : waiting_) waker->wake();
  if (observer_ != nullptr) observer_->readinessChanged();
}

void CancellableSocket::setObserver(ReadinessObserver* observer) {
  const std::lock_guard lock(mutex_);
  observer_ = observer;
}

}  // namespace jitrig
