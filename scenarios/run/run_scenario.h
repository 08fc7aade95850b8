#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/runtime/instant.h"
#include "scenarios/file/scenario.h"

namespace jitrig {

class Runtime;
class SimulationObserver;
struct RunBackend;  // scenarios/run/run_backend.h
class TrafficSink;
struct Finding;    // scenarios/checkers/checker.h
struct RunRecord;  // scenarios/record/run_record.h
struct SimulationEvents;

/// Where and how a scenario is run. What the scenario itself says stands in Scenario.
struct RunChoice {
  ScenarioRuntime runtime = ScenarioRuntime::simulation;
  std::uint64_t seed = 1;  ///< of everything random; outside the simulation of what is drawn by us

  /// A program in place of each server, or of each VM, run by /bin/sh -c: see scenarios/system/README.md.
  /// Loopback and TLS only. Empty: our own persona.
  std::string server_command = {};
  std::string client_command = {};
  /// As `jitrig scenario run --protocol` was given, for the command that repeats the run; empty: it was not.
  std::string protocol = {};

  /// What carries the messages instead of sockets. Loopback and TLS only; null: nothing does.
  std::shared_ptr<const RunBackend> backend = nullptr;

  /// How long nothing may happen before the run is given up with the finding "did not end". Virtual time in
  /// the simulation.
  Duration patience = std::chrono::minutes(10);
  /// The same outside the simulation, in real time, and for the whole run.
  Duration real_patience = std::chrono::seconds(60);

  /// Budgets of a simulated world; see SimulationOptions. nullopt: its defaults.
  std::optional<std::uint64_t> step_budget = {};
  std::optional<unsigned> preempt_percent = {};
  /// Of a simulated world, too: the latest events are kept for ScenarioResult::events, and told to
  /// `observer`, which must outlive the run.
  std::size_t keep_events = 0;
  SimulationObserver* observer = nullptr;

  /// Everything that went over the wire goes there as well, as the clients saw it outside of the faults. Must
  /// outlive the run.
  TrafficSink* capture = nullptr;

  /// Called in the world's main task before anything is started, and after everything has ended.
  std::function<void(Runtime&)> on_begin = {};
  std::function<void(Runtime&)> on_end = {};
};

/// How a run was left.
enum class RunOutcome : std::uint8_t {
  passed,
  failed,   ///< there are findings
  skipped,  ///< an external program said that it does not implement this
};

/// "passed", "failed", "skipped".
std::string_view toString(RunOutcome outcome);

/// What a run came to. The same scenario, choice and seed give the same result in the simulation, text for
/// text.
struct ScenarioResult {
  ScenarioResult();
  ScenarioResult(ScenarioResult&&) noexcept;
  ScenarioResult& operator=(ScenarioResult&&) noexcept;
  ~ScenarioResult();

  /// Of the checkers, of the scenario's expectations, and of the run itself ("did not end"). Those that the
  /// scenario allows are left out.
  std::vector<Finding> findings;
  std::vector<Finding> allowed;  ///< those
  /// What happened: messages, reports, sessions. Never null.
  std::unique_ptr<RunRecord> record;
  /// By the names of ScenarioExpectations::counts, all of them.
  std::map<std::string, std::uint64_t> counts;

  /// Messages and results: the same on every machine, with every compiler, TLS included.
  std::uint64_t logical_digest = 0;
  /// Bytes and schedule: 0 outside the simulation.
  std::uint64_t schedule_digest = 0;
  std::uint64_t messages = 0;  ///< that came to a persona, of both
  std::uint64_t steps = 0;     ///< calls of the Runtime; 0 outside the simulation
  Instant end_time;            ///< of the Runtime
  /// Of a simulated world that ended before its end: who waited for what since when. Empty otherwise.
  std::string world_report;
  /// Null unless RunChoice::keep_events says otherwise.
  std::shared_ptr<const SimulationEvents> events;
  std::string skipped_because;  ///< empty: was not skipped

  RunOutcome outcome() const;
  bool passed() const { return outcome() == RunOutcome::passed; }
};

/// Runs it once: servers and VMs at their times, faults and misbehaviours, until every VM has ended. Then
/// faults off, one more client at each server that lives, an orderly end, and judge(). Whatever goes wrong is
/// a finding; nothing is thrown but std::invalid_argument for a scenario that makes no sense (see
/// problemsOf()).
///
/// Not to be called from a task of a Runtime. Several threads may run scenarios at the same time.
ScenarioResult runScenario(const Scenario& scenario, const RunChoice& choice);

/// Why this scenario cannot be run so, in sentences; empty: it can.
std::vector<std::string> problemsOf(const Scenario& scenario, const RunChoice& choice);

/// The line that repeats this run: "jitrig scenario run fault/reset_mid_query --runtime simulation --seed 3".
std::string repeatCommand(const Scenario& scenario, const RunChoice& choice);

/// Findings, then what repeats the run, as lines for people: empty if the run passed.
std::string describe(const Scenario& scenario, const RunChoice& choice, const ScenarioResult& result);

}  // namespace jitrig
