#include "protocol/runtime/os/system_clock.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace jitrig {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::int64_t monotonicNs() {
  timespec time{};
  if (clock_gettime(CLOCK_MONOTONIC, &time) != 0) {
    throw std::system_error(errno, std::generic_category(), "clock_gettime(CLOCK_MONOTONIC)");
  }
  return time.tv_sec * kNsPerSecond + time.tv_nsec;
}

timespec toTimespec(std::int64_t ns) {
  return timespec{ns / kNsPerSecond, ns % kNsPerSecond};
}

}  // namespace

SystemClock::SystemClock() : start_ns_(monotonicNs()) {}

Instant SystemClock::now() const {
  return Instant{monotonicNs() - start_ns_};
}

void SystemClock::sleepUntil(Instant instant) const {
  while (now() < instant) {
    timespec storage{};
    const timespec* length = remaining(instant, storage);
    // For ever is not a length that nanosleep knows: a day at a time.
    const timespec wanted = length != nullptr ? *length : timespec{24 * 60 * 60, 0};
    nanosleep(&wanted, nullptr);
  }
}

const timespec* SystemClock::remaining(Instant deadline, timespec& storage) const {
  if (deadline == kNever) return nullptr;
  const Instant present = now();
  storage = deadline <= present ? timespec{0, 0} : toTimespec((deadline - present).count());
  return &storage;
}

}  // namespace jitrig
