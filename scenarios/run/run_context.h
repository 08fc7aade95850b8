#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "capture/recorder.h"
#include "fakecompiler/aot_cache_folder.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/checkers/checker.h"
#include "scenarios/file/scenario.h"
#include "scenarios/record/run_recorder.h"
#include "scenarios/run/run_faults.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/run_tls.h"
#include "scenarios/system/signal_storm.h"

namespace jitrig {

/// Which persona of the scenario a persona of the record is; "" for a fresh client.
struct RunCast {
  std::vector<std::string> vms;      ///< ScenarioVM::name, by index in RunRecord::vms
  std::vector<std::string> servers;  ///< ScenarioServer::name, by index in RunRecord::servers
};

/// Runtime::taskLocal: the VMProcess for which the task works.
inline constexpr std::size_t kVMProcessSlot = 7;

/// What all that takes part in one run has in common. Made before the world begins; what needs the running
/// Runtime comes with begin().
class RunContext {
 public:
  /// `simulation` is null outside of it. All references must outlive it.
  RunContext(const Scenario& played, const RunChoice& chosen, Runtime& in, SimulatedRuntime* simulation)
      : scenario(played), choice(chosen), runtime(in), world(simulation), recorder(in) {}
  RunContext(const RunContext&) = delete;
  RunContext& operator=(const RunContext&) = delete;

  /// In the main task.
  void begin();

  bool simulated() const { return world != nullptr; }
  bool secured() const { return usesTls(choice.runtime); }

  /// The Runtime of a persona that lives there. Outside the simulation there is one for all.
  Runtime& onHost(const std::string& host) const { return world == nullptr ? runtime : world->onHost(host); }

  /// Where the server of that ScenarioServer::port is now, for its clients. From any task. Throws
  /// StreamFailure where a fault wants connections refused, and the Runtime has no way to do so.
  Endpoint serverAt(std::uint16_t port) const;
  void setServerAt(std::uint16_t port, Endpoint endpoint);
  void setRefusing(std::uint16_t port, bool refuse);

  /// An external program cannot do this: the run is over.
  void skip(std::string why);
  /// Somebody without whom there is nothing to see could not begin: the run is over, and only what was found
  /// so far is worth telling.
  void abandon(std::string finding);
  bool isOver() const;

  /// The folder of that name, for the AOT caches of servers: it outlives them. In the main task.
  std::shared_ptr<AOTCacheFolder> aotFolder(const std::string& name);

  /// Something of the run itself that must not be. From any task.
  void find(std::string text);
  std::vector<Finding> takeFindings();
  /// "": was not skipped. When the run is over.
  const std::string& skippedBecause() const { return skipped_because_; }
  bool isAbandoned() const { return abandoned_; }

  const Scenario& scenario;
  const RunChoice& choice;
  Runtime& runtime;
  SimulatedRuntime* const world;
  RunRecorder recorder;
  RunCast cast;
  Instant vms_ended;  ///< when the last VM had, but for fresh ones
  RunFaults faults;
  std::optional<Recording> recording;  ///< for RunChoice::capture
  RunTls tls;

  /// Interrupts all threads as long as it is there.
  std::optional<SignalStorm> storm;
  /// Of RunChoice::backend, by which their two ends are known.
  std::atomic<std::uint64_t> backend_streams{0};

  /// Counts compilations that have ended at a client.
  std::atomic<std::uint64_t> progress{0};

  /// Guards what processes tell each other, and is notified whenever any of it changes.
  std::unique_ptr<Mutex> mutex;
  std::unique_ptr<Condition> changed;
  std::uint64_t ended_vms = 0;  ///< guarded by mutex

 private:
  std::map<std::string, std::shared_ptr<AOTCacheFolder>> aot_folders_;
  std::vector<Finding> findings_;  ///< guarded by mutex, as is all below
  std::map<std::uint16_t, Endpoint> server_at_;
  std::set<std::uint16_t> refusing_;
  std::string skipped_because_;
  bool abandoned_ = false;
};

}  // namespace jitrig
