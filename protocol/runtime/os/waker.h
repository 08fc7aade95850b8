#pragma once

#include "protocol/runtime/os/descriptor.h"

namespace jitrig {

/// Ends a poll() of another thread: an eventfd that becomes readable. wake() is safe from any thread.
class Waker {
 public:
  /// Throws std::system_error if no descriptor is left.
  Waker();

  int descriptor() const { return event_.number(); }
  void wake() const;
  /// Takes back all wake() calls so far.
  void drain() const;

 private:
  Descriptor event_;
};

}  // namespace jitrig
