#pragma once

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "protocol/runtime/instant.h"
#include "protocol/runtime/os/descriptor.h"
#include "protocol/runtime/os/system_clock.h"
#include "protocol/runtime/os/task_registry.h"
#include "protocol/runtime/readiness.h"

namespace jitrig {

/// What sockets need of the Runtime that made them.
struct SocketServices {
  const SystemClock& clock;
  TaskRegistry& tasks;
};

enum class WaitOutcome {
  ready,        ///< the system call may be tried again
  timedOut,     ///< the deadline passed and the socket is not ready
  interrupted,  ///< interrupt() was called, now or earlier
  limit,        ///< a thread that is no task of the Runtime found no descriptor for its Waker
};

/// Waits for one descriptor, without a deadline or an error of its own.
WaitOutcome waitForDescriptor(const SystemClock& clock, int descriptor, short events, Instant deadline);

/// A socket for which several tasks may wait, and whose waits any task may end for good, without a word to
/// the peer: each waiting task polls its own Waker beside the socket. (One eventfd for each task that waits,
/// not for each connection that exists.) The descriptor is closed by the destructor only, so that its number
/// is never re-used under a task that is about to use it.
///
/// To a Selector the ReadinessSource reports interrupt(); everything else it learns from the descriptor.
class CancellableSocket : public ReadinessSource {
 public:
  CancellableSocket(SocketServices services, Descriptor descriptor)
      : services_(services), descriptor_(std::move(descriptor)) {}
  CancellableSocket(const CancellableSocket&) = delete;
  CancellableSocket& operator=(const CancellableSocket&) = delete;

  int descriptor() const { return descriptor_.number(); }
  const SystemClock& clock() const { return services_.clock; }

  bool readyNow() const override { return interrupted_.load(); }
  void setObserver(ReadinessObserver* observer) override;

 protected:
  ~CancellableSocket() = default;

  /// When nobody waits any more: it goes on without this object.
  Descriptor takeDescriptor() { return std::move(descriptor_); }

  /// Waits until poll() reports one of `events`, an error or a hang-up. The socket is looked at before the
  /// deadline; with events = 0 this only waits for the deadline or an interrupt.
  WaitOutcome wait(short events, Instant deadline);

  /// Ends all present and future waits.
  void interrupt();

 private:
  /// Takes a task that waited off the list.
  struct Departure {
    CancellableSocket& socket;
    const Waker& waker;
    ~Departure();
  };

  SocketServices services_;
  Descriptor descriptor_;
  std::atomic<bool> interrupted_ = false;
  std::mutex mutex_;  // guards the members below; taken after a Selector's, never before
  std::vector<const Waker*> waiting_;
  ReadinessObserver* observer_ = nullptr;
};

}  // namespace jitrig
