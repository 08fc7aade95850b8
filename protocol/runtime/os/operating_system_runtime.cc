#include "protocol/runtime/os/operating_system_runtime.h"

#include <cerrno>
#include <mutex>
#include <sys/random.h>
#include <system_error>
#include <utility>
#include <vector>

#include "protocol/runtime/os/socket_acceptor.h"
#include "protocol/runtime/os/socket_connect.h"
#include "protocol/runtime/os/system_clock.h"
#include "protocol/runtime/os/system_lock.h"
#include "protocol/runtime/os/system_selector.h"
#include "protocol/runtime/os/system_task.h"
#include "protocol/runtime/os/task_registry.h"
#include "protocol/runtime/pipe.h"

namespace jitrig {
namespace {

std::uint64_t seedOfTheSystem() {
  std::uint64_t seed = 0;
  while (getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  return seed;
}

/// One stream for each purpose, each with a seed of its own drawn from `seed`.
std::vector<RandomStream> makeStreams(std::uint64_t seed) {
  RandomStream seeds(seed);
  std::vector<RandomStream> streams;
  for (int purpose = 0; purpose < kRandomPurposes; ++purpose) streams.emplace_back(seeds.draw());
  return streams;
}

}  // namespace

struct OperatingSystemRuntime::State {
  explicit State(std::uint64_t seed) : streams(makeStreams(seed)) {}

  SocketServices services() { return {clock, tasks}; }

  SystemClock clock;
  TaskRegistry tasks;
  std::mutex random_mutex;
  std::vector<RandomStream> streams;
};

OperatingSystemRuntime::OperatingSystemRuntime(const OperatingSystemOptions& options)
    : state_(std::make_unique<State>(options.seed ? *options.seed : seedOfTheSystem())) {}

OperatingSystemRuntime::~OperatingSystemRuntime() = default;

Instant OperatingSystemRuntime::now() {
  return state_->clock.now();
}

void OperatingSystemRuntime::sleepUntil(Instant instant) {
  state_->clock.sleepUntil(instant);
}

std::uint64_t OperatingSystemRuntime::random(RandomPurpose purpose) {
  const std::lock_guard lock(state_->random_mutex);
  return state_->streams.at(static_cast<std::size_t>(purpose)).draw();
}

std::unique_ptr<Task> OperatingSystemRuntime::spawn(std::string name, std::move_only_function<void()> body) {
  return std::make_unique<SystemTask>(state_->tasks, std::move(name), std::move(body));
}

// The names of locks serve the deadlock reports of the simulation; here a debugger shows who waits.
std::unique_ptr<Mutex> OperatingSystemRuntime::makeMutex(std::string) {
  return std::make_unique<SystemMutex>();
}

std::unique_ptr<Condition> OperatingSystemRuntime::makeCondition(std::string) {
  return std::make_unique<SystemCondition>(state_->clock);
}

std::unique_ptr<Selector> OperatingSystemRuntime::makeSelector(std::string name) {
  return std::make_unique<SystemSelector>(state_->clock, std::move(name));
}

NetResult<std::unique_ptr<Acceptor>> OperatingSystemRuntime::listen(const Endpoint& endpoint) {
  return listenSocket(state_->services(), endpoint);
}

NetResult<std::unique_ptr<Connection>> OperatingSystemRuntime::connect(const Endpoint& endpoint,
                                                                       Instant deadline,
                                                                       Cancellation* cancellation) {
  return connectSocket(state_->services(), endpoint, deadline, cancellation);
}

std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> OperatingSystemRuntime::makePipe(
    std::string name) {
  return jitrig::makePipe(*this, name);
}

void OperatingSystemRuntime::offload(std::move_only_function<void()> blocking_call) {
  blocking_call();
}

std::shared_ptr<void>& OperatingSystemRuntime::taskLocal(std::size_t slot) {
  return state_->tasks.current().locals.at(slot);
}

std::string OperatingSystemRuntime::taskName() {
  return state_->tasks.current().name;
}

}  // namespace jitrig
