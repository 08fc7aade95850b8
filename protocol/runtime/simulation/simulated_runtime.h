#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/runtime/instant.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/simulation/link_profile.h"
#include "protocol/runtime/simulation/simulated_host.h"
#include "protocol/runtime/simulation/simulation_events.h"
#include "protocol/runtime/simulation/simulation_observer.h"

namespace jitrig {

namespace simulation {
class Host;
class Network;
class Scheduler;
}  // namespace simulation

/// What a simulated world is like. Everything in it follows from these numbers.
struct SimulationOptions {
  std::uint64_t seed = 1;

  /// What all links are like, as LinkProfile has it; SimulatedRuntime::setLinkProfile() is for single ones.
  Duration min_latency{20'000};
  Duration max_latency{500'000};
  std::size_t min_link_buffer_bytes = 2'048;
  std::size_t max_link_buffer_bytes = 65'536;
  bool segmentation = true;
  std::optional<std::uint64_t> bandwidth_bytes_per_s = std::nullopt;

  /// Another task may run at each lock, unlock, notification and connection call, in this many of 100 cases;
  /// 0 switches tasks only where one has to wait.
  unsigned preempt_percent = 10;

  /// How many of 100 waits at a Condition end without a reason.
  unsigned spurious_wakeup_percent = 2;

  /// Calls of the Runtime before the world is ended: nobody makes progress, yet nobody waits.
  std::uint64_t step_budget = 20'000'000;

  /// Virtual time before the world is ended.
  Duration virtual_time_budget{std::chrono::hours(24)};

  std::size_t stack_bytes = std::size_t{256} * 1024;

  /// Whether `schedule_digest` is over the bytes that are sent, or over their number only: encrypted bytes
  /// are the same only with the same version of OpenSSL.
  bool digest_contents = true;

  /// So many events at most are kept for SimulationResult::events: the latest ones. They cost 40 bytes each,
  /// and time.
  std::size_t keep_events = 0;

  /// Told what the tasks do. Must outlive the run.
  SimulationObserver* observer = nullptr;
};

/// How a run ended.
enum class SimulationOutcome {
  finished,         ///< main and all tasks came to their end
  deadlock,         ///< nobody could go on, and no deadline was set
  stepBudgetUsed,   ///< see SimulationOptions
  virtualTimeUsed,  ///< see SimulationOptions
  noProgress,  ///< something that is watched made no progress in its budget: SimulatedRuntime::watchProgress
  failed       ///< main ended with an exception
};

/// The outcome's name as in the enumeration.
std::string_view toString(SimulationOutcome outcome);

/// What a run came to. A second run with the same options and the same main task has the same.
struct SimulationResult {
  SimulationOutcome outcome = SimulationOutcome::finished;

  /// Empty if finished. Otherwise the seed, the moment, and for each task what it did or waited for.
  std::string report;

  /// What main threw, with any outcome.
  std::exception_ptr exception;

  std::uint64_t steps = 0;
  Instant end_time;

  /// Over each choice of the scheduler and each byte moved. Equal for equal options and bodies, with any
  /// compiler; on a difference something depends on addresses, hash orders or real time: firstDifference()
  /// of the `events` of two runs says where.
  std::uint64_t schedule_digest = 0;

  /// Empty unless SimulationOptions::keep_events says otherwise.
  SimulationEvents events;
};

/// Something that has to go on: a request, a client. Destroying it ends the watch.
class ProgressWatch {
 public:
  ProgressWatch() = default;
  ProgressWatch(const ProgressWatch&) = delete;
  ProgressWatch& operator=(const ProgressWatch&) = delete;
  virtual ~ProgressWatch() = default;

  /// The budget begins anew.
  virtual void progress() = 0;
};

/// What blocking calls throw when a world that cannot go on is taken down, or the task's host crashed, so
/// that the stacks are unwound. Derived from nothing, so that no handler for errors takes it for one. Do not
/// catch it without throwing on.
struct WorldEnded {};

/// A world of its own in the calling thread: tasks are fibers, the clock is virtual, connections are links
/// in memory, and the seed decides whatever is not decided otherwise.
///
/// Only the tasks of the world may call its methods, and only while it runs: std::logic_error otherwise.
/// What it made may still be destroyed after run(), but before the SimulatedRuntime.
class SimulatedRuntime final : public Runtime {
 public:
  /// Throws std::invalid_argument, which names the option, if one makes no sense.
  explicit SimulatedRuntime(const SimulationOptions& options = {});
  ~SimulatedRuntime() override;

  /// Runs `body` as the task "main", until it and all tasks have ended. Once per SimulatedRuntime.
  SimulationResult run(std::move_only_function<void()> body);

  /// As run(); throws what main threw, or std::runtime_error with the report if the outcome is another than
  /// finished. For tests.
  SimulationResult runOrThrow(std::move_only_function<void()> body);

  /// The host of that name; it is made when it is first asked for. Also before run().
  SimulatedHost& host(const std::string& name);

  /// The Runtime of that host.
  Runtime& onHost(const std::string& name) { return host(name).runtime(); }

  /// From now on, for what `from` sends to `to`, both names of hosts. Buffers of connections that exist keep
  /// their size. Throws std::invalid_argument for a profile that makes no sense. Also before run().
  void setLinkProfile(const std::string& from, const std::string& to, const LinkProfile& profile);

  /// Unless progress() is called at least once in each `budget` of virtual time, the world ends, and its
  /// report says what `name` was and since when it stood still, and for what each task waits.
  std::unique_ptr<ProgressWatch> watchProgress(std::string name, Duration budget);

  /// Connections over its network of which at least one end has not been destroyed: what is left in the end
  /// has leaked.
  std::size_t connectionCount() const;

  /// For the observer and the kept events: "vm 1 sends compilationRequest". Nothing where neither is wanted.
  void note(std::string_view text);

  /// Whether note() does something; where it does not, the text need not be made.
  bool takesNotes() const;

  /// Makes `schedule_digest` cover what code above says, too: plaintext, where SimulationOptions::
  /// digest_contents is off.
  void addToDigest(std::span<const std::byte> bytes);

  Instant now() override;
  void sleepUntil(Instant instant) override;
  std::uint64_t random(RandomPurpose purpose) override;
  std::unique_ptr<Task> spawn(std::string name, std::move_only_function<void()> body) override;
  std::unique_ptr<Mutex> makeMutex(std::string name) override;
  std::unique_ptr<Condition> makeCondition(std::string name) override;
  std::unique_ptr<Selector> makeSelector(std::string name) override;

  /// For a task that runs on a SimulatedHost, as SimulatedHost says. All others are on one host without a
  /// name, where any name will do that no SimulatedHost has; "0.0.0.0", "::" and "" listen for all of them.
  NetResult<std::unique_ptr<Acceptor>> listen(const Endpoint& endpoint) override;
  using Runtime::connect;
  NetResult<std::unique_ptr<Connection>> connect(const Endpoint& endpoint, Instant deadline,
                                                 Cancellation* cancellation) override;
  std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> makePipe(std::string name) override;
  void offload(std::move_only_function<void()> blocking_call) override;
  std::shared_ptr<void>& taskLocal(std::size_t slot) override;
  std::string taskName() override;

 private:
  std::unique_ptr<simulation::Scheduler> scheduler_;
  std::unique_ptr<simulation::Network> network_;
  std::map<std::string, std::unique_ptr<simulation::Host>> hosts_;
};

}  // namespace jitrig
