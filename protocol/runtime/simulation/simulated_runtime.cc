#include "protocol/runtime/simulation/simulated_runtime.h"

#include <fmt/core.h>
#include <stdexcept>

#include "protocol/runtime/pipe.h"
#include "protocol/runtime/simulation/host.h"
#include "protocol/runtime/simulation/race_annotations.h"
#include "protocol/runtime/simulation/scheduler.h"
#include "protocol/runtime/simulation/simulated_locks.h"
#include "protocol/runtime/simulation/simulated_network.h"
#include "protocol/runtime/simulation/simulated_selector.h"
#include "protocol/runtime/simulation/simulated_task.h"

namespace jitrig {

using simulation::Call;
using simulation::SimulatorSection;

namespace {

constexpr std::size_t kSmallestStackBytes = std::size_t{32} * 1024;

void require(bool holds, std::string_view option, std::string_view expected) {
  if (holds) return;
  throw std::invalid_argument(fmt::format("SimulationOptions::{} must be {}", option, expected));
}

const SimulationOptions& checked(const SimulationOptions& options) {
  require(options.min_latency.count() >= 0, "min_latency", "0 or more");
  require(options.max_latency >= options.min_latency, "max_latency", "at least min_latency");
  require(options.min_link_buffer_bytes > 0, "min_link_buffer_bytes", "1 or more");
  require(options.max_link_buffer_bytes >= options.min_link_buffer_bytes, "max_link_buffer_bytes",
          "at least min_link_buffer_bytes");
  require(options.bandwidth_bytes_per_s != 0U, "bandwidth_bytes_per_s", "1 or more, or nothing");
  require(options.preempt_percent <= 100, "preempt_percent", "between 0 and 100");
  require(options.spurious_wakeup_percent < 100, "spurious_wakeup_percent", "between 0 and 99");
  require(options.step_budget > 0, "step_budget", "1 or more");
  require(options.virtual_time_budget.count() > 0, "virtual_time_budget", "more than 0");
  require(options.stack_bytes >= kSmallestStackBytes, "stack_bytes", "32768 or more");
  return options;  // NOLINT(bugprone-return-const-ref-from-parameter) the constructor's own parameter
}

void check(const LinkProfile& profile) {
  const auto demand = [](bool holds, std::string_view option, std::string_view expected) {
    if (!holds) throw std::invalid_argument(fmt::format("LinkProfile::{} must be {}", option, expected));
  };
  demand(profile.min_latency.count() >= 0, "min_latency", "0 or more");
  demand(profile.max_latency >= profile.min_latency, "max_latency", "at least min_latency");
  demand(profile.bandwidth_bytes_per_s != 0U, "bandwidth_bytes_per_s", "1 or more, or nothing");
  demand(profile.min_buffer_bytes > 0, "min_buffer_bytes", "1 or more");
  demand(profile.max_buffer_bytes >= profile.min_buffer_bytes, "max_buffer_bytes",
         "at least min_buffer_bytes");
}

}  // namespace

SimulatedRuntime::SimulatedRuntime(const SimulationOptions& options)
    : scheduler_(std::make_unique<simulation::Scheduler>(checked(options))),
      network_(std::make_unique<simulation::Network>(*scheduler_)) {}

SimulatedRuntime::~SimulatedRuntime() {
  const SimulatorSection section;
  hosts_.clear();
  network_.reset();
  scheduler_.reset();
}

SimulatedHost& SimulatedRuntime::host(const std::string& name) {
  const SimulatorSection section;
  auto& host = hosts_[name];
  if (host == nullptr) {
    host = std::make_unique<simulation::Host>(*this, *scheduler_, *network_, scheduler_->host(name));
  }
  return *host;
}

void SimulatedRuntime::setLinkProfile(const std::string& from, const std::string& to,
                                      const LinkProfile& profile) {
  const SimulatorSection section;
  check(profile);
  network_->setProfile(scheduler_->host(from), scheduler_->host(to), profile);
}

std::unique_ptr<ProgressWatch> SimulatedRuntime::watchProgress(std::string name, Duration budget) {
  const SimulatorSection section;
  scheduler_->begin(Call::quick, "SimulatedRuntime::watchProgress");
  return scheduler_->watchProgress(std::move(name), budget);
}

void SimulatedRuntime::note(std::string_view text) {
  const SimulatorSection section;
  if (!takesNotes()) return;
  const simulation::TaskState& task = scheduler_->current("SimulatedRuntime::note");
  scheduler_->events().recordNote(scheduler_->now(), task.number, text);
  SimulationObserver* observer = scheduler_->options().observer;
  if (observer != nullptr) observer->noted(task.observed(), text, scheduler_->now());
}

bool SimulatedRuntime::takesNotes() const {
  return scheduler_->events().isOn() || scheduler_->options().observer != nullptr;
}

void SimulatedRuntime::addToDigest(std::span<const std::byte> bytes) {
  const SimulatorSection section;
  scheduler_->digest().mix(bytes);
}

SimulationResult SimulatedRuntime::run(std::move_only_function<void()> body) {
  return scheduler_->run(std::move(body));
}

SimulationResult SimulatedRuntime::runOrThrow(std::move_only_function<void()> body) {
  SimulationResult result = run(std::move(body));
  if (result.exception) std::rethrow_exception(result.exception);
  if (result.outcome != SimulationOutcome::finished) throw std::runtime_error(result.report);
  return result;
}

Instant SimulatedRuntime::now() {
  const SimulatorSection section;
  scheduler_->begin(Call::quick, "Runtime::now");
  return scheduler_->now();
}

void SimulatedRuntime::sleepUntil(Instant instant) {
  const SimulatorSection section;
  scheduler_->begin(Call::blocking, "Runtime::sleepUntil");
  scheduler_->wait({.doing = "sleeps"}, instant, simulation::AtWorldEnd::throws);
}

std::uint64_t SimulatedRuntime::random(RandomPurpose purpose) {
  const SimulatorSection section;
  scheduler_->begin(Call::quick, "Runtime::random");
  const std::uint64_t drawn = scheduler_->stream(purpose).draw();
  scheduler_->events().record(scheduler_->now(), SimulationEvent::Kind::drew,
                              static_cast<std::uint64_t>(purpose), drawn);
  return drawn;
}

std::unique_ptr<Task> SimulatedRuntime::spawn(std::string name, std::move_only_function<void()> body) {
  const SimulatorSection section;
  simulation::TaskState& spawner = scheduler_->begin(Call::blocking, "Runtime::spawn");
  auto task = scheduler_->spawn(spawner.process.host, std::move(name), std::move(body));
  return std::make_unique<simulation::SimulatedTask>(*scheduler_, std::move(task));
}

std::unique_ptr<Mutex> SimulatedRuntime::makeMutex(std::string name) {
  const SimulatorSection section;
  scheduler_->begin(Call::quick, "Runtime::makeMutex");
  return std::make_unique<simulation::SimulatedMutex>(*scheduler_, std::move(name));
}

std::unique_ptr<Condition> SimulatedRuntime::makeCondition(std::string name) {
  const SimulatorSection section;
  scheduler_->begin(Call::quick, "Runtime::makeCondition");
  return std::make_unique<simulation::SimulatedCondition>(*scheduler_, std::move(name));
}

std::unique_ptr<Selector> SimulatedRuntime::makeSelector(std::string name) {
  const SimulatorSection section;
  scheduler_->begin(Call::quick, "Runtime::makeSelector");
  return std::make_unique<simulation::SimulatedSelector>(*scheduler_, std::move(name));
}

NetResult<std::unique_ptr<Acceptor>> SimulatedRuntime::listen(const Endpoint& endpoint) {
  return network_->listen(scheduler_->current("Runtime::listen").process.host, endpoint);
}

NetResult<std::unique_ptr<Connection>> SimulatedRuntime::connect(const Endpoint& endpoint, Instant deadline,
                                                                 Cancellation* cancellation) {
  return network_->connect(scheduler_->current("Runtime::connect").process.host, endpoint, deadline,
                           cancellation);
}

std::size_t SimulatedRuntime::connectionCount() const {
  return network_->connectionCount();
}

std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> SimulatedRuntime::makePipe(
    std::string name) {
  return jitrig::makePipe(*this, name);
}

void SimulatedRuntime::offload(std::move_only_function<void()> blocking_call) {
  {
    const SimulatorSection section;
    scheduler_->begin(Call::blocking, "Runtime::offload");
  }
  blocking_call();
}

std::shared_ptr<void>& SimulatedRuntime::taskLocal(std::size_t slot) {
  const SimulatorSection section;
  simulation::TaskState& task = scheduler_->current("Runtime::taskLocal");
  if (slot >= kTaskLocalSlots) {
    throw std::out_of_range(
        fmt::format("Runtime::taskLocal: slot {} of {}, counted from 0", slot, kTaskLocalSlots));
  }
  return task.locals[slot];
}

std::string SimulatedRuntime::taskName() {
  const SimulatorSection section;
  return scheduler_->current("Runtime::taskName").name;
}

}  // namespace jitrig
