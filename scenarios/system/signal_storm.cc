#include "scenarios/system/signal_storm.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include "scenarios/system/process_census.h"

namespace jitrig {
namespace {

/// Without a handler it is ignored, so that one which comes late harms nobody.
constexpr int kHarmlessSignal = SIGURG;

std::atomic<std::uint64_t> taken{0};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "a signal handler must not lock");

void onSignal(int) {
  taken.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

class SignalStorm::Sender {
 public:
  explicit Sender(Duration interval) : interval_(interval) {
    struct sigaction action{};
    action.sa_handler = onSignal;
    sigemptyset(&action.sa_mask);
    sigaction(kHarmlessSignal, &action, &before_);
    thread_ = std::thread([this] { send(); });
  }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  ~Sender() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    stop_.notify_all();
    thread_.join();
    sigaction(kHarmlessSignal, &before_, nullptr);
  }

  std::uint64_t sent() const { return sent_.load(); }

 private:
  void send() {
    const pid_t process = getpid();
    const pid_t self = gettid();
    std::unique_lock lock(mutex_);
    while (!stop_.wait_for(lock, interval_, [this] { return stopping_; })) {
      for (const int thread : threadsOfThisProcess()) {
        if (thread == self) continue;
        if (syscall(SYS_tgkill, process, thread, kHarmlessSignal) == 0) ++sent_;  // it may have ended
      }
    }
  }

  const Duration interval_;
  struct sigaction before_{};
  std::atomic<std::uint64_t> sent_{0};
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

SignalStorm::SignalStorm(Duration interval) : sender_(std::make_unique<Sender>(interval)) {}

SignalStorm::~SignalStorm() = default;

std::uint64_t SignalStorm::signalsSent() const {
  return sender_->sent();
}

std::uint64_t SignalStorm::signalsTaken() {
  return taken.load();
}

}  // namespace jitrig
