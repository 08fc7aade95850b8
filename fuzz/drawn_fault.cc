#include "fuzz/drawn_fault.h"

#include <algorithm>
#include <array>
#include <string>

#include "scenarios/fault/fault_action.h"

namespace jitrig::fuzz {
namespace {

constexpr std::int64_t kMostMs = 40'000;
constexpr std::int64_t kMostNumber = 100'000;

std::optional<std::string> drawArgument(FuzzInput& input, const FaultParameter& parameter) {
  if (input.below(3) == 0) return std::nullopt;
  if (parameter.kind == FaultParameter::Kind::number) {
    const std::int64_t cap = parameter.name.ends_with("_ms") ? kMostMs : kMostNumber;
    const std::int64_t most = std::max(std::min(parameter.max, cap), parameter.min);
    return std::to_string(parameter.min + input.take<std::uint16_t>() % (most - parameter.min + 1));
  }
  if (parameter.kind == FaultParameter::Kind::choice) {
    return std::string(parameter.choices[input.below(parameter.choices.size())]);
  }
  return std::nullopt;
}

FaultTrigger drawTrigger(FuzzInput& input, const Dialect& dialect) {
  FaultTrigger trigger;
  const std::size_t direction = input.below(3);
  if (direction < 2) trigger.direction = direction == 0 ? Direction::client : Direction::server;
  switch (input.below(4)) {
    case 0: trigger.message = 1 + input.below(16); break;
    case 1: trigger.compilation = 1 + input.below(4); break;
    case 2:
      trigger.type = input.below(2) == 0 ? dialect.compilation_request : dialect.compilation_code;
      break;
    default: trigger.probability_ppm = 1 + input.take<std::uint16_t>();
  }
  if (input.below(4) == 0) trigger.connection = 1 + input.below(4);
  trigger.place = static_cast<FaultPlace>(input.below(static_cast<std::size_t>(FaultPlace::atByte) + 1));
  if (trigger.place == FaultPlace::atByte) trigger.byte = input.take<std::uint8_t>();
  trigger.count = 1 + input.below(3);
  return trigger;
}

}  // namespace

std::optional<FaultSpec> drawFault(FuzzInput& input, const Dialect& dialect, std::int64_t healed_ms) {
  const std::span<const FaultAction* const> actions = faultActions();
  const FaultAction& action = *actions[input.below(actions.size())];
  FaultSpec fault;
  fault.action = action.name;
  for (const FaultParameter& parameter : action.parameters) {
    if (const auto argument = drawArgument(input, parameter))
      fault.parameters.emplace(parameter.name, *argument);
  }
  fault.trigger = drawTrigger(input, dialect);
  fault.trigger.not_after_ms = healed_ms;
  if (!checkFault(fault, dialect)) return std::nullopt;
  return fault;
}

}  // namespace jitrig::fuzz
