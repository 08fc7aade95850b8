#include "cli/stop_signals.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace jitrig {
namespace {

sigset_t stopSignalSet() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

int require(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

/// Blocks the signals, so that only the descriptor learns of them.
int blockAndWatch() {
  const sigset_t set = stopSignalSet();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return require(signalfd(-1, &set, SFD_CLOEXEC), "signalfd");
}

}  // namespace

StopSignals::StopSignals()
    : signal_descriptor_(blockAndWatch()), end_descriptor_(require(eventfd(0, EFD_CLOEXEC), "eventfd")) {
  thread_ = std::thread([this] { wait(); });
}

StopSignals::~StopSignals() {
  const std::uint64_t one = 1;
  // An eventfd that nobody has written to takes eight bytes at once.
  [[maybe_unused]] const ssize_t written = write(end_descriptor_, &one, sizeof one);
  thread_.join();
  close(signal_descriptor_);
  close(end_descriptor_);
}

void StopSignals::handle(std::function<void()> on_stop) {
  const std::lock_guard lock(mutex_);
  on_stop_ = std::move(on_stop);
  if (came_) on_stop_();
}

void StopSignals::ignore() {
  const std::lock_guard lock(mutex_);
  on_stop_ = nullptr;
}

bool StopSignals::came() const {
  const std::lock_guard lock(mutex_);
  return came_;
}

void StopSignals::wait() {
  while (true) {
    std::array<pollfd, 2> polled{{{signal_descriptor_, POLLIN, 0}, {end_descriptor_, POLLIN, 0}}};
    if (poll(polled.data(), polled.size(), -1) < 0) continue;  // EINTR
    if (polled[1].revents != 0) return;
    signalfd_siginfo info{};
    if (read(signal_descriptor_, &info, sizeof info) != sizeof info) continue;
    const std::lock_guard lock(mutex_);
    if (came_) _exit(128 + static_cast<int>(info.ssi_signo));
    came_ = true;
    if (on_stop_) on_stop_();
  }
}

}  // namespace jitrig
