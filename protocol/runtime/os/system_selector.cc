#include "protocol/runtime/os/system_selector.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <poll.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <system_error>
#include <utility>

namespace jitrig {
namespace {

constexpr std::uint64_t kWakerOrder = 0;  // no entry's: they count from 1
constexpr std::size_t kMaxEvents = 4096;  // taken at once; the others are reported by the next wait()

}  // namespace

SystemSelector::SystemSelector(const SystemClock& clock, std::string name)
    : clock_(clock), name_(std::move(name)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_.valid()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakerOrder;
  if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, waker_.descriptor(), &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

SystemSelector::~SystemSelector() {
  for (auto& [order, entry] : entries_) entry.source->setObserver(nullptr);
}

void SystemSelector::add(Waitable& waitable) {
  auto* source = dynamic_cast<ReadinessSource*>(&waitable);
  if (source == nullptr) {
    throw std::invalid_argument(
        fmt::format("selector {}: '{}' is no ReadinessSource and cannot be watched", name_, waitable.name()));
  }
  const auto* socket = dynamic_cast<CancellableSocket*>(&waitable);

  const std::lock_guard lock(mutex_);
  if (orders_.contains(&waitable)) return;
  const Order order = ++last_order_;
  const int descriptor = socket != nullptr ? socket->descriptor() : -1;
  if (descriptor >= 0) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.u64 = order;
    if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
      throw std::system_error(errno, std::generic_category(),
                              fmt::format("selector {}: watch {}", name_, waitable.name()));
    }
  }
  entries_.emplace(order, Entry{&waitable, source, descriptor, false});
  orders_.emplace(&waitable, order);
  source->setObserver(this);
  if (source->readyNow()) readinessChanged();
}

void SystemSelector::remove(Waitable& waitable) {
  const std::lock_guard lock(mutex_);
  const auto found = orders_.find(&waitable);
  if (found == orders_.end()) return;
  const auto entry = entries_.find(found->second);
  unwatch(entry->second);
  entries_.erase(entry);
  orders_.erase(found);
}

void SystemSelector::unwatch(Entry& entry) {
  entry.source->setObserver(nullptr);
  if (entry.descriptor >= 0) epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, entry.descriptor, nullptr);
}

std::vector<Waitable*> SystemSelector::wait(Instant deadline) {
  while (true) {
    // epoll_wait counts in milliseconds; ppoll on the epoll descriptor in nanoseconds.
    const bool in_time = waitForDescriptor(clock_, epoll_.number(), POLLIN, deadline) == WaitOutcome::ready;
    waker_.drain();  // before the flags are read: a wake() from here on ends the next round
    const std::lock_guard lock(mutex_);
    if (std::exchange(wake_requested_, false)) {
      if (sources_changed_) waker_.wake();  // drained with the wake(): the next wait() has to look
      return {};
    }
    noteDescriptors();
    noteSources();
    std::vector<Waitable*> ready = takeReady();
    if (!ready.empty() || !in_time) return ready;
  }
}

void SystemSelector::wake() {
  const std::lock_guard lock(mutex_);
  wake_requested_ = true;
  waker_.wake();
}

void SystemSelector::readinessChanged() {
  sources_changed_ = true;
  waker_.wake();
}

void SystemSelector::noteDescriptors() {
  std::vector<epoll_event> events(std::min(entries_.size() + 1, kMaxEvents));
  const int count = epoll_wait(epoll_.number(), events.data(), static_cast<int>(events.size()), 0);
  for (int index = 0; index < count; ++index) {
    // A copy: epoll_event is packed, so its member may not be bound to find's reference.
    const Order order = events[static_cast<std::size_t>(index)].data.u64;
    const auto entry = entries_.find(order);
    if (entry != entries_.end()) entry->second.ready = true;
  }
}

void SystemSelector::noteSources() {
  if (!sources_changed_.exchange(false)) return;
  for (auto& [order, entry] : entries_) {
    if (entry.source->readyNow()) entry.ready = true;
  }
}

std::vector<Waitable*> SystemSelector::takeReady() {
  std::vector<Waitable*> ready;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (!entry->second.ready) {
      ++entry;
      continue;
    }
    ready.push_back(entry->second.waitable);
    unwatch(entry->second);
    orders_.erase(entry->second.waitable);
    entry = entries_.erase(entry);
  }
  return ready;
}

}  // namespace jitrig
