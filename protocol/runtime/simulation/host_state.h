#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocol/runtime/instant.h"
#include "protocol/runtime/simulation/simulated_host.h"

namespace jitrig::simulation {

struct HostState;
struct TaskState;

/// One life of a host, to which its tasks belong: after a crash the next one begins.
struct Process {
  explicit Process(HostState& its_host) : host(its_host) {}

  HostState& host;
  bool paused = false;
  bool dying = false;     ///< the host crashed; its tasks are being unwound
  std::size_t tasks = 0;  ///< that have not ended
  Instant paused_since;
  std::vector<TaskState*> held;  ///< they could run, but it is paused
};

/// What scheduler and network know of a host.
struct HostState {
  HostState(std::size_t its_number, std::string its_name) : number(its_number), name(std::move(its_name)) {
    beginProcess();
  }
  HostState(const HostState&) = delete;
  HostState& operator=(const HostState&) = delete;

  Process& process() { return *processes.back(); }
  void beginProcess() { processes.push_back(std::make_unique<Process>(*this)); }
  bool hasName() const { return number != 0; }
  bool isCutOff() const { return reachability == Reachability::held || reachability == Reachability::lost; }

  const std::size_t number;  ///< in the order of making; 0 is the host without a name
  const std::string name;
  std::vector<std::unique_ptr<Process>> processes;
  bool vanished = false;
  Instant vanished_since;
  Reachability reachability = Reachability::reachable;
};

}  // namespace jitrig::simulation
