#include "protocol/runtime/os/system_lock.h"

#include <chrono>
#include <stdexcept>

namespace jitrig {

bool SystemCondition::wait(Lock& lock, Instant deadline) {
  auto* mutex = dynamic_cast<SystemMutex*>(lock.mutex());
  if (mutex == nullptr || !lock.owns_lock()) {
    throw std::logic_error("Condition::wait needs a held lock of a mutex of the same Runtime");
  }
  // The Lock stays the owner: the native lock only borrows the mutex while it waits.
  std::unique_lock native_lock(mutex->native_, std::adopt_lock);
  struct GiveBack {
    std::unique_lock<std::mutex>& borrowed;
    ~GiveBack() { borrowed.release(); }
  } const give_back{native_lock};

  if (deadline == kNever) {
    native_.wait(native_lock);
    return true;
  }
  timespec left{};
  clock_.remaining(deadline, left);
  // steady_clock is CLOCK_MONOTONIC too; saturated, as a far deadline must not become a past one.
  const auto steady_now = std::chrono::steady_clock::now();
  const auto length = std::chrono::seconds(left.tv_sec) + std::chrono::nanoseconds(left.tv_nsec);
  const auto longest = std::chrono::steady_clock::time_point::max() - steady_now;
  native_.wait_until(native_lock, steady_now + (length < longest ? length : longest));
  return clock_.now() < deadline;
}

}  // namespace jitrig
