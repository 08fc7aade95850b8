#include "protocol/runtime/simulation/host.h"

#include <fmt/core.h>

#include "protocol/runtime/reached.h"
#include "protocol/runtime/simulation/race_annotations.h"
#include "protocol/runtime/simulation/simulated_task.h"

namespace jitrig {

std::string_view toString(HostCrash crash) {
  switch (crash) {
    case HostCrash::closes: return "closes";
    case HostCrash::resets: return "resets";
    case HostCrash::vanishes: return "vanishes";
  }
  return "unknown";
}

std::string_view toString(Reachability reachability) {
  switch (reachability) {
    case Reachability::reachable: return "reachable";
    case Reachability::refusing: return "refusing connections";
    case Reachability::held: return "cut off: packets are held";
    case Reachability::lost: return "cut off: packets are lost";
  }
  return "unknown";
}

namespace simulation {

// ---- Its Runtime ------------------------------------------------------------------------------------------

std::unique_ptr<Task> HostRuntime::spawn(std::string name, std::move_only_function<void()> body) {
  const SimulatorSection section;
  scheduler_.begin(Call::blocking, "Runtime::spawn");
  auto task = scheduler_.spawn(host_, std::move(name), std::move(body));
  return std::make_unique<SimulatedTask>(scheduler_, std::move(task));
}

NetResult<std::unique_ptr<Acceptor>> HostRuntime::listen(const Endpoint& endpoint) {
  return network_.listen(host_, endpoint);
}

NetResult<std::unique_ptr<Connection>> HostRuntime::connect(const Endpoint& endpoint, Instant deadline,
                                                            Cancellation* cancellation) {
  return network_.connect(host_, endpoint, deadline, cancellation);
}

/// Each message asks several times, so this does not go through the world.
Instant HostRuntime::now() {
  const SimulatorSection section;
  scheduler_.begin(Call::quick, "Runtime::now");
  return scheduler_.now();
}

// ---- Directing it -----------------------------------------------------------------------------------------

bool Host::begin(std::string_view call) {
  scheduler_.begin(Call::quick, call);
  return !scheduler_.hasEnded();
}

void Host::note(std::string_view what) {
  const SimulationOptions& options = scheduler_.options();
  if (options.observer != nullptr) options.observer->hostChanged(state_.name, what, scheduler_.now());
  if (!scheduler_.events().isOn()) return;
  scheduler_.events().recordNote(scheduler_.now(), scheduler_.current("SimulatedHost").number,
                                 fmt::format("host \"{}\" {}", state_.name, what));
}

void Host::pause() {
  const SimulatorSection section;
  if (!begin("SimulatedHost::pause")) return;
  note("is paused");
  scheduler_.pause(state_);
}

void Host::resume() {
  const SimulatorSection section;
  if (!begin("SimulatedHost::resume")) return;
  note("goes on");
  scheduler_.resume(state_);
}

bool Host::isPaused() const {
  return state_.process().paused;
}

void Host::crash(HostCrash how) {
  const SimulatorSection section;
  if (!begin("SimulatedHost::crash")) return;
  note(fmt::format("crashes ({})", toString(how)));
  JITRIG_REACHED("simulation: a host crashes");
  if (how == HostCrash::vanishes && !state_.vanished) {
    state_.vanished = true;
    state_.vanished_since = scheduler_.now();
  }
  network_.crash(state_, how);
  scheduler_.endProcess(state_);
}

void Host::comeBack() {
  const SimulatorSection section;
  if (!begin("SimulatedHost::comeBack")) return;
  note("is back");
  state_.vanished = false;
  network_.comeBack(state_);
}

void Host::setReachability(Reachability reachability) {
  const SimulatorSection section;
  if (!begin("SimulatedHost::setReachability")) return;
  note(fmt::format("is {}", toString(reachability)));
  network_.setReachability(state_, reachability);
}

}  // namespace simulation
}  // namespace jitrig
