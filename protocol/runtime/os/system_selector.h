#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/runtime/os/cancellable_socket.h"
#include "protocol/runtime/os/system_clock.h"
#include "protocol/runtime/os/waker.h"
#include "protocol/runtime/readiness.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// Watches sockets with epoll, and everything (sockets too, for their cancel()) as a ReadinessSource. Any
/// mixture is reported in the order of add().
///
/// When wake() was called, wait() returns empty even if something is ready; that is reported next time.
class SystemSelector final : public Selector, private ReadinessObserver {
 public:
  /// Throws std::system_error if no descriptor is left.
  SystemSelector(const SystemClock& clock, std::string name);
  ~SystemSelector() override;

  /// Throws std::invalid_argument for a Waitable that is no ReadinessSource, std::system_error if the kernel
  /// cannot watch more; then nothing has changed.
  void add(Waitable& waitable) override;
  void remove(Waitable& waitable) override;
  std::vector<Waitable*> wait(Instant deadline) override;
  void wake() override;

 private:
  /// When it was added: orders what is reported, and tells an old event of epoll from a new one.
  using Order = std::uint64_t;
  struct Entry {
    Waitable* waitable = nullptr;
    ReadinessSource* source = nullptr;
    int descriptor = -1;  ///< -1: it has none
    bool ready = false;
  };

  void readinessChanged() override;
  void noteDescriptors();
  void noteSources();
  std::vector<Waitable*> takeReady();
  void unwatch(Entry& entry);

  const SystemClock& clock_;
  std::string name_;
  Descriptor epoll_;
  Waker waker_;
  std::atomic<bool> sources_changed_ = false;
  std::mutex mutex_;  // guards the members below; taken before a source's lock
  std::map<Order, Entry> entries_;
  std::unordered_map<const Waitable*, Order> orders_;
  Order last_order_ = 0;
  bool wake_requested_ = false;
};

}  // namespace jitrig
