#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/dialect.h"
#include "protocol/stream/tls/tls_context.h"
#include "scenarios/fault/fault.h"
#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_effect.h"
#include "scenarios/fault/fault_firing.h"
#include "scenarios/fault/persona_control.h"

namespace jitrig {

/// What a trigger is compared with.
struct FaultMoment {
  std::uint64_t connection = 0;
  Direction local = Direction::client;
  Direction sender = Direction::client;
  std::uint16_t type = 0;
  std::uint64_t message = 0;
  std::uint64_t compilation = 0;
  std::uint64_t message_of_compilation = 0;
};

/// A fault that may happen: what its specification says, ready for use, and how often it has.
class ActiveFault {
 public:
  ActiveFault(std::size_t index, FaultSpec spec, const FaultAction& action,
              std::unique_ptr<const FaultEffect> effect)
      : index_(index),
        spec_(std::move(spec)),
        action_(action),
        effect_(std::move(effect)),
        enabled_(spec_.enabled) {}

  std::size_t index() const { return index_; }
  const FaultSpec& spec() const { return spec_; }
  const FaultTrigger& trigger() const { return spec_.trigger; }
  const FaultAction& action() const { return action_; }
  const FaultEffect& effect() const { return *effect_; }

  /// Whether it can happen at all in that direction of that connection.
  bool concerns(Direction sender, std::uint64_t connection) const {
    return (!trigger().direction || *trigger().direction == sender) &&
           (!trigger().connection || *trigger().connection == connection);
  }
  /// Whether it may still happen, to the n-th message if that is not 0.
  bool mayHappen(std::uint64_t message) const {
    return enabled_.load(std::memory_order_relaxed) &&
           (!trigger().message || message == 0 || *trigger().message == message) &&
           (!trigger().count || drawn_.load(std::memory_order_relaxed) < *trigger().count);
  }
  /// All of the trigger but time, probability and count.
  bool matches(const FaultMoment& moment) const {
    const FaultTrigger& trigger = spec_.trigger;
    return mayHappen(moment.message) && (!trigger.type || *trigger.type == moment.type) &&
           (!trigger.compilation || *trigger.compilation == moment.compilation) &&
           (!trigger.message_of_compilation ||
            *trigger.message_of_compilation == moment.message_of_compilation);
  }
  /// Time, probability and count: uses up one of the count.
  bool draw(Runtime& runtime);

  void setEnabled(bool enabled) { enabled_ = enabled; }
  void countFiring() { fired_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t firingCount() const { return fired_.load(); }

 private:
  const std::size_t index_;
  const FaultSpec spec_;
  const FaultAction& action_;
  const std::unique_ptr<const FaultEffect> effect_;
  std::atomic<bool> enabled_;
  std::atomic<std::uint64_t> drawn_{0};  ///< times that the trigger was fulfilled
  std::atomic<std::uint64_t> fired_{0};
};

/// The faults of a FaultSet, and what its streams share. Thread-safe.
class ActiveFaults {
 public:
  static std::expected<std::unique_ptr<ActiveFaults>, std::string> make(
      Runtime& runtime, std::shared_ptr<const Dialect> dialect, std::vector<FaultSpec> specs);

  Runtime& runtime() { return runtime_; }
  const Dialect& dialect() const { return *dialect_; }
  const std::vector<FaultSpec>& specs() const { return specs_; }
  std::span<const std::unique_ptr<ActiveFault>> all() const { return faults_; }

  /// Those that work on such units in that direction of that connection.
  std::vector<ActiveFault*> concerning(FaultUnit unit, Direction sender, std::uint64_t connection) const;
  /// Whether requests have to be recognised, because some fault works on messages.
  bool countsCompilations() const { return counts_compilations_; }

  /// The number of the connection that this is, from 1, counted by layer and by whose end it is.
  std::uint64_t countConnection(FaultUnit unit, Direction local);
  std::uint64_t countCompilation() { return compilations_.fetch_add(1) + 1; }

  /// `stream` is the name of the end that was decorated.
  void record(ActiveFault& fault, const FaultMoment& moment, const std::string& stream);
  std::vector<FaultFiring> firings() const;

  std::uint64_t randomBelow(std::uint64_t bound);
  bool withPersonas(const std::function<void(PersonaControl&)>& call);
  void setPersonas(PersonaControl* personas);
  void setImpostor(std::shared_ptr<TlsContext> impostor);
  /// Who takes the place of the right server on that connection; null: nobody, as nearly always.
  std::shared_ptr<TlsContext> drawImpostor(Direction local, std::uint64_t connection,
                                           const std::string& stream);

 private:
  ActiveFaults(Runtime& runtime, std::shared_ptr<const Dialect> dialect, std::vector<FaultSpec> specs);

  Runtime& runtime_;
  const std::shared_ptr<const Dialect> dialect_;
  const std::vector<FaultSpec> specs_;
  std::vector<std::unique_ptr<ActiveFault>> faults_;
  bool counts_compilations_ = false;
  std::array<std::array<std::atomic<std::uint64_t>, 2>, kFaultUnits>
      connections_{};  ///< by unit and local end
  std::atomic<std::uint64_t> compilations_{0};
  std::unique_ptr<Mutex> personas_mutex_;
  PersonaControl* personas_ = nullptr;
  std::unique_ptr<Mutex> mutex_;  ///< guards what follows
  std::vector<FaultFiring> firings_;
  std::shared_ptr<TlsContext> impostor_;
};

}  // namespace jitrig
