#include "scenarios/simulate/faults_draw.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/stream/aot_layout.h"
#include "scenarios/fault/fault_action.h"

namespace jitrig {
namespace {

constexpr std::uint64_t kMostFaults = 8;
constexpr std::uint64_t kMostWeightBits = 6;
constexpr int kAttempts = 8;  ///< for a fault whose action cannot have the trigger that was drawn
constexpr std::uint64_t kLeastHealingMs = 20;
constexpr std::uint64_t kMostHealingMs = 20'000;
constexpr std::int64_t kMostDrawnMs = 40'000;  ///< beyond every timeout
constexpr std::int64_t kMostDrawnNumber = 100'000;

struct WeightedAction {
  const FaultAction* action;
  std::uint64_t weight;
};

bool isIn(const FaultAction& action, const Profile& profile, bool is_tls) {
  switch (action.layer) {
    case FaultLayer::personas: return profile.persona_faults && action.name != "signal_storm";
    case FaultLayer::connections: return profile.stream_faults || profile.persona_faults;
    case FaultLayer::records: return profile.stream_faults && is_tls;
    case FaultLayer::messages: break;
  }
  return action.alters_bytes ? profile.damaging_faults : profile.stream_faults;
}

/// Every action costs its two draws whether the profile has it or not, so that a fault which becomes part of
/// a profile does not change the weights of the others.
std::vector<WeightedAction> drawActions(RandomStream& random, const Profile& profile, bool is_tls) {
  std::vector<WeightedAction> actions;
  for (const FaultAction* action : faultActions()) {
    const bool is_off = random.chance(1, 2);
    const std::uint64_t weight = std::uint64_t{1} << random.below(kMostWeightBits);
    if (!is_off && isIn(*action, profile, is_tls)) actions.push_back({action, weight});
  }
  return actions;
}

const FaultAction& drawAction(RandomStream& random, const std::vector<WeightedAction>& actions) {
  std::uint64_t all = 0;
  for (const WeightedAction& weighted : actions) all += weighted.weight;
  std::uint64_t drawn = random.below(all);
  for (const WeightedAction& weighted : actions) {
    if (drawn < weighted.weight) return *weighted.action;
    drawn -= weighted.weight;
  }
  return *actions.back().action;
}

const ScenarioServer& firstServer(const Scenario& scenario) {
  return scenario.servers.front();
}

/// The message in which a compiled method comes: where there is an AOT cache, there are three.
std::uint16_t drawCodeType(RandomStream& random, const ScenarioServer& server) {
  const std::uint64_t kind = random.below(3);
  const auto layout = AOTLayout::of(*server.dialect);
  if (kind == 0 || !layout || !server.aot_cache.enabled) return server.dialect->compilation_code;
  return kind == 1 ? layout->stored_method : layout->serialized_method;
}

/// A message type that occurs in the run.
std::uint16_t drawType(RandomStream& random, const Scenario& scenario) {
  const Dialect& dialect = *firstServer(scenario).dialect;
  const auto& queries = firstServer(scenario).script->compilations.front().queries;
  const std::uint64_t kind = random.below(4);
  const std::uint64_t index = random.below(std::max<std::uint64_t>(queries.size(), 1));
  const std::uint16_t code_type = drawCodeType(random, firstServer(scenario));
  if (kind == 0) return dialect.compilation_request;
  if (kind == 1 || queries.empty()) return code_type;
  return queries[index].type;
}

std::optional<std::string> drawArgument(RandomStream& random, const FaultParameter& parameter,
                                        const Scenario& scenario) {
  const bool takes_default = random.chance(1, 3);
  switch (parameter.kind) {
    case FaultParameter::Kind::number: {
      const std::int64_t cap = parameter.name.ends_with("_ms") ? kMostDrawnMs : kMostDrawnNumber;
      const std::int64_t most = std::max(std::min(parameter.max, cap), parameter.min);
      const std::uint64_t above = drawWild(random, 0, static_cast<std::uint64_t>(most - parameter.min));
      if (takes_default) return std::nullopt;
      return std::to_string(parameter.min + static_cast<std::int64_t>(above));
    }
    case FaultParameter::Kind::choice: {
      const std::string_view choice = drawOne<std::string_view>(random, parameter.choices);
      if (takes_default) return std::nullopt;
      return std::string(choice);
    }
    case FaultParameter::Kind::messageType: {
      const std::uint16_t type = drawType(random, scenario);
      if (takes_default) return std::nullopt;
      return std::to_string(type);
    }
    case FaultParameter::Kind::text: break;
  }
  return std::nullopt;
}

FaultPlace drawPlace(RandomStream& random) {
  return static_cast<FaultPlace>(random.below(static_cast<std::uint64_t>(FaultPlace::atByte) + 1));
}

/// Which of all messages: by number, by compilation, by type, or by chance.
void drawWhich(RandomStream& random, const Scenario& scenario, FaultTrigger& trigger) {
  switch (random.below(4)) {
    case 0: trigger.message = drawWild(random, 1, 300); break;
    case 1:
      trigger.compilation = drawWild(random, 1, 20);
      if (random.chance(3, 4)) trigger.message_of_compilation = drawWild(random, 1, 40);
      break;
    case 2: trigger.type = drawType(random, scenario); break;
    default: trigger.probability_ppm = static_cast<std::uint32_t>(drawWild(random, 1, 100'000)); break;
  }
}

/// So often: once as a rule; at times without end, but then not with every message.
void drawCount(RandomStream& random, FaultTrigger& trigger) {
  const std::uint64_t kind = random.below(4);
  const std::uint64_t count = drawWild(random, 1, 10);
  if (kind < 2) return;
  trigger.count = kind == 2 || trigger.probability_ppm == 1'000'000 ? std::optional(count) : std::nullopt;
}

FaultTrigger drawTrigger(RandomStream& random, const Scenario& scenario, std::int64_t healed_ms) {
  FaultTrigger trigger;
  const std::uint64_t direction = random.below(3);
  if (direction < 2) trigger.direction = direction == 0 ? Direction::client : Direction::server;
  drawWhich(random, scenario, trigger);
  if (random.chance(1, 6)) trigger.connection = drawWild(random, 1, 8);
  trigger.place = drawPlace(random);
  if (trigger.place == FaultPlace::atByte) trigger.byte = drawWild(random, 0, 5'000);
  drawCount(random, trigger);
  if (random.chance(1, 4)) {
    trigger.not_before_ms =
        static_cast<std::int64_t>(drawWild(random, 0, static_cast<std::uint64_t>(healed_ms)));
  }
  trigger.not_after_ms = healed_ms;
  return trigger;
}

/// What the layer cannot be told is left out.
void fitTrigger(const FaultAction& action, FaultTrigger& trigger) {
  if (action.layer == FaultLayer::messages) return;
  trigger.type.reset();
  trigger.compilation.reset();
  trigger.message_of_compilation.reset();
  if (action.layer != FaultLayer::connections) return;
  trigger.message.reset();
  trigger.direction.reset();
  trigger.place = FaultPlace::beforeMessage;
  trigger.byte = 0;
}

std::optional<FaultSpec> drawFault(RandomStream& random, const std::vector<WeightedAction>& actions,
                                   const Scenario& scenario, std::int64_t healed_ms) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const FaultAction& action = drawAction(random, actions);
    FaultSpec fault;
    fault.action = action.name;
    for (const FaultParameter& parameter : action.parameters) {
      if (auto argument = drawArgument(random, parameter, scenario)) {
        fault.parameters.emplace(parameter.name, std::move(*argument));
      }
    }
    fault.trigger = drawTrigger(random, scenario, healed_ms);
    if (checkFault(fault, *firstServer(scenario).dialect)) return fault;
    fitTrigger(action, fault.trigger);
    if (checkFault(fault, *firstServer(scenario).dialect)) return fault;
  }
  return std::nullopt;
}

}  // namespace

void drawFaults(RandomStream& random, const Profile& profile, Scenario& scenario) {
  const bool is_tls = scenario.runtimes.front() == ScenarioRuntime::simulatedTls;
  const std::vector<WeightedAction> actions = drawActions(random, profile, is_tls);
  const std::uint64_t count = drawWild(random, 1, kMostFaults);
  const auto healed_ms = static_cast<std::int64_t>(drawWild(random, kLeastHealingMs, kMostHealingMs));
  if (actions.empty()) return;
  for (std::uint64_t i = 0; i < count; ++i) {
    // Each from a stream of its own: what one of them draws changes no other.
    RandomStream own(random.draw());
    if (auto fault = drawFault(own, actions, scenario, healed_ms))
      scenario.faults.push_back(std::move(*fault));
  }
}

}  // namespace jitrig
