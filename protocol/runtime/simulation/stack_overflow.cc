#include "protocol/runtime/simulation/stack_overflow.h"

#include <array>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

#include "protocol/runtime/simulation/scheduler.h"

namespace jitrig::simulation {

namespace {

constexpr std::size_t kSignalStackBytes = std::size_t{64} * 1024;

struct sigaction previous_action;

// A handler may call next to nothing: neither allocate nor format.
void say(std::string_view text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

void say(std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  say(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

void explain(const TaskState& task) {
  say("stack overflow of task \"");
  say(task.name);
  if (task.process.host.hasName()) {
    say("\" on host \"");
    say(task.process.host.name);
  }
  say("\": its ");
  say(task.scheduler.options().stack_bytes);
  say(" bytes (SimulationOptions::stack_bytes) are used up; seed ");
  say(task.scheduler.options().seed);
  say("\n");
}

void handle(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const TaskState* task = Scheduler::runningTask();
  if (task != nullptr && task->fiber->hasInGuard(info->si_addr)) explain(*task);
  // The instruction faults once more when this returns, and finds the former handler.
  sigaction(SIGSEGV, &previous_action, nullptr);
}

/// The stack of this thread's handlers, if it has none yet.
class SignalStack {
 public:
  SignalStack() {
    stack_t present{};
    if (sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
    memory_ = mmap(nullptr, kSignalStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) return;
    const stack_t ours{.ss_sp = memory_, .ss_flags = 0, .ss_size = kSignalStackBytes};
    sigaltstack(&ours, nullptr);
  }
  ~SignalStack() {
    if (memory_ == MAP_FAILED) return;
    const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
    sigaltstack(&none, nullptr);
    munmap(memory_, kSignalStackBytes);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  void* memory_ = MAP_FAILED;
};

bool install() {
  struct sigaction action{};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  return sigaction(SIGSEGV, &action, &previous_action) == 0;
}

}  // namespace

void watchForStackOverflow() {
  static thread_local const SignalStack stack;
  static const bool installed = install();
  static_cast<void>(stack);
  static_cast<void>(installed);
}

}  // namespace jitrig::simulation
