#include "protocol/runtime/os/waker.h"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>

namespace jitrig {

Waker::Waker() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.valid()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Waker::wake() const {
  const std::uint64_t one = 1;
  // EAGAIN means that the counter is full, so that it is readable anyway.
  while (write(event_.number(), &one, sizeof one) < 0 && errno == EINTR) continue;
}

void Waker::drain() const {
  std::uint64_t count = 0;
  while (read(event_.number(), &count, sizeof count) < 0 && errno == EINTR) continue;
}

}  // namespace jitrig
