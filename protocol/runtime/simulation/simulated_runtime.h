#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/runtime/instant.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

namespace simulation {
class Network;
class Scheduler;
}  // namespace simulation

/// What a simulated world is like. Everything in it follows from these numbers.
struct SimulationOptions {
  std::uint64_t seed = 1;

  /// Each piece of data travels for a time between these two; pieces of one direction do not overtake.
  Duration min_latency{20'000};
  Duration max_latency{500'000};

  /// How many written and not yet read bytes one direction of a connection holds; drawn per direction.
  std::size_t min_link_buffer_bytes = 2'048;
  std::size_t max_link_buffer_bytes = 65'536;

  /// Reads and writes move a portion of what they could.
  bool segmentation = true;

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
};

/// How a run ended.
enum class SimulationOutcome {
  finished,         ///< main and all tasks came to their end
  deadlock,         ///< nobody could go on, and no deadline was set
  stepBudgetUsed,   ///< see SimulationOptions
  virtualTimeUsed,  ///< see SimulationOptions
  failed            ///< main ended with an exception
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
  /// compiler; on a difference something depends on addresses, hash orders or real time.
  std::uint64_t schedule_digest = 0;
};

/// What blocking calls throw when a world that cannot go on is taken down, so that the stacks are unwound.
/// Derived from nothing, so that no handler for errors takes it for one. Do not catch it without throwing on.
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

  Instant now() override;
  void sleepUntil(Instant instant) override;
  std::uint64_t random(RandomPurpose purpose) override;
  std::unique_ptr<Task> spawn(std::string name, std::move_only_function<void()> body) override;
  std::unique_ptr<Mutex> makeMutex(std::string name) override;
  std::unique_ptr<Condition> makeCondition(std::string name) override;
  std::unique_ptr<Selector> makeSelector(std::string name) override;

  /// Any host name will do; "0.0.0.0", "::" and "" listen for all of them.
  NetResult<std::unique_ptr<Acceptor>> listen(const Endpoint& endpoint) override;
  NetResult<std::unique_ptr<Connection>> connect(const Endpoint& endpoint, Instant deadline) override;
  std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> makePipe(std::string name) override;
  void offload(std::move_only_function<void()> blocking_call) override;
  std::shared_ptr<void>& taskLocal(std::size_t slot) override;
  std::string taskName() override;

 private:
  std::unique_ptr<simulation::Scheduler> scheduler_;
  std::unique_ptr<simulation::Network> network_;
};

}  // namespace jitrig
