#pragma once

#include <sched.h>

namespace jitrig::bench {

/// Keeps this thread, and the threads that it starts, on the CPU where it is, as long as this lives.
///
/// Between two CPUs a round trip is mostly the waking of an idle one: tens of microseconds in a virtual
/// machine, which hide what is measured, and which come or do not come as the scheduler happens to place the
/// threads.
class OneCpu {
 public:
  OneCpu() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<unsigned>(sched_getcpu()), &here);
    sched_setaffinity(0, sizeof here, &here);
  }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;
  ~OneCpu() { sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_{};
};

}  // namespace jitrig::bench
