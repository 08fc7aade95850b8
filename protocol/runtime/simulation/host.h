#pragma once

#include <memory>
#include <string>
#include <utility>

#include "protocol/runtime/runtime.h"
#include "protocol/runtime/simulation/host_state.h"
#include "protocol/runtime/simulation/scheduler.h"
#include "protocol/runtime/simulation/simulated_host.h"
#include "protocol/runtime/simulation/simulated_network.h"

namespace jitrig {
class SimulatedRuntime;
}  // namespace jitrig

namespace jitrig::simulation {

/// The world's Runtime; only what belongs to a host is this host's.
class HostRuntime final : public Runtime {
 public:
  HostRuntime(Runtime& world, Scheduler& scheduler, Network& network, HostState& host)
      : world_(world), scheduler_(scheduler), network_(network), host_(host) {}

  std::unique_ptr<Task> spawn(std::string name, std::move_only_function<void()> body) override;
  NetResult<std::unique_ptr<Acceptor>> listen(const Endpoint& endpoint) override;
  using Runtime::connect;
  NetResult<std::unique_ptr<Connection>> connect(const Endpoint& endpoint, Instant deadline,
                                                 Cancellation* cancellation) override;

  Instant now() override;
  void sleepUntil(Instant instant) override { world_.sleepUntil(instant); }
  std::uint64_t random(RandomPurpose purpose) override { return world_.random(purpose); }
  std::unique_ptr<Mutex> makeMutex(std::string name) override { return world_.makeMutex(std::move(name)); }
  std::unique_ptr<Condition> makeCondition(std::string name) override {
    return world_.makeCondition(std::move(name));
  }
  std::unique_ptr<Selector> makeSelector(std::string name) override {
    return world_.makeSelector(std::move(name));
  }
  std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> makePipe(std::string name) override {
    return world_.makePipe(std::move(name));
  }
  void offload(std::move_only_function<void()> blocking_call) override {
    world_.offload(std::move(blocking_call));
  }
  std::shared_ptr<void>& taskLocal(std::size_t slot) override { return world_.taskLocal(slot); }
  std::string taskName() override { return world_.taskName(); }

 private:
  Runtime& world_;
  Scheduler& scheduler_;
  Network& network_;
  HostState& host_;
};

/// What the scheduler and the network do about a host, together.
class Host final : public SimulatedHost {
 public:
  Host(Runtime& world, Scheduler& scheduler, Network& network, HostState& state)
      : scheduler_(scheduler), network_(network), state_(state), runtime_(world, scheduler, network, state) {}

  const std::string& name() const override { return state_.name; }
  Runtime& runtime() override { return runtime_; }
  void pause() override;
  void resume() override;
  bool isPaused() const override;
  void crash(HostCrash how) override;
  void comeBack() override;
  void setReachability(Reachability reachability) override;

 private:
  /// False if the world has ended: then nothing befalls anybody any more.
  bool begin(std::string_view call);
  void note(std::string_view what);

  Scheduler& scheduler_;
  Network& network_;
  HostState& state_;
  HostRuntime runtime_;
};

}  // namespace jitrig::simulation
