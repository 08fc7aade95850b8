#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fakevm/frontend.h"
#include "scenarios/run/external_files.h"
#include "scenarios/run/run_context.h"
#include "scenarios/run/server_process.h"
#include "scenarios/run/vm_process.h"
#include "scenarios/system/port_reservation.h"

namespace jitrig {

/// Who answers a VM's queries, by the VM's index in the scenario. Made before the world begins: reading
/// captures needs more stack than a fiber has.
using Frontends = std::vector<std::shared_ptr<Frontend>>;
Frontends frontendsOf(const Scenario& scenario);

/// All processes of a run, those that have ended, too. Used by the main task alone.
class Participants {
 public:
  /// References must outlive it. In the main task. Throws std::runtime_error if no port is free.
  Participants(RunContext& context, const Frontends& frontends);

  /// One more life of that server of the scenario.
  ServerProcess& startServer(std::size_t index);
  /// A VM of the scenario; `copy` counts from 0 up to ScenarioVM::count.
  VMProcess& startVM(std::size_t index, std::uint64_t copy);
  /// Another one in the place of a VM that was killed.
  VMProcess& startAgain(const VMProcess& killed);
  /// Those that go on from its checkpoint; nobody if it did not come to one.
  void restore(const VMProcess& checkpointed);
  /// One more client, for a server that lives.
  VMProcess& startFreshClient(const ServerProcess& server);

  std::deque<std::unique_ptr<ServerProcess>>& servers() { return servers_; }
  std::deque<std::unique_ptr<VMProcess>>& vms() { return vms_; }

  /// The latest life of that server of the scenario; null: it has not begun.
  ServerProcess* serverOf(std::size_t index);
  bool allVMsEnded() const;

 private:
  Endpoint endpointOf(const ScenarioServer& server) const;
  /// Servers that share a port live one after the other on one machine.
  std::string hostOf(const ScenarioServer& server) const;
  const ScenarioServer& serverNamed(const std::string& name) const;
  VMProcess& start(std::unique_ptr<VMProcess> vm);
  std::unique_ptr<VMProcess> makeVM(std::size_t index, VMPlace place);

  RunContext& context_;
  const Frontends& frontends_;
  std::map<std::uint16_t, PortReservation> ports_;  ///< by ScenarioServer::port; none in the simulation
  std::deque<ScenarioVM> fresh_vms_;
  std::deque<std::shared_ptr<Frontend>> fresh_frontends_;
  std::deque<std::unique_ptr<ServerProcess>> servers_;
  std::deque<std::unique_ptr<VMProcess>> vms_;
  std::map<std::size_t, ServerProcess*> latest_;  ///< by index in the scenario
  std::map<std::size_t, std::size_t> lives_;
  std::map<std::string, std::size_t> vm_lives_;  ///< by VMPlace::host
  std::unique_ptr<ExternalFiles> files_;         ///< for external programs and TLS
};

}  // namespace jitrig
