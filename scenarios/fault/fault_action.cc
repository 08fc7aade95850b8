#include "scenarios/fault/fault_action.h"

#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "protocol/catalogue/nearest_name.h"
#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"
#include "scenarios/fault/fault_trigger.h"

namespace jitrig {
namespace {

constexpr std::array kActions{
    &kCloseAction,
    &kHalfCloseAction,
    &kResetAction,
    &kStallAction,
    &kBlackHoleAction,
    &kDelayAction,
    &kBandwidthAction,
    &kSliceAction,
    &kCoalesceAction,
    &kTruncateAction,
    &kCorruptAction,
    &kDuplicateAction,
    &kDropAction,
    &kReorderAction,
    &kInsertAction,
    &kRewriteAction,
    &kPauseAction,
    &kKillAction,
    &kRefuseConnectionsAction,
    &kCutOffAction,
    &kSignalStormAction,
    &kTlsStallAction,
    &kTlsAlertAction,
    &kTlsCloseAction,
    &kTlsWrongCertificateAction,
    &kTlsCorruptRecordAction,
    &kTlsDropRecordAction,
    &kTlsDuplicateRecordAction,
    &kTlsReorderRecordsAction,
    &kTlsGarbageAction,
};

std::string unknownAction(std::string_view given) {
  std::vector<std::string> names;
  for (const FaultAction* action : kActions) names.emplace_back(action->name);
  const auto nearest = nearestNames(given, names);
  if (nearest.empty()) return fmt::format("'{}': no such action, expected {}", given, fmt::join(names, ", "));
  return fmt::format("'{}': no such action; did you mean {}?", given, fmt::join(nearest, ", "));
}

}  // namespace

std::string_view toString(FaultLayer layer) {
  switch (layer) {
    case FaultLayer::messages: return "messages";
    case FaultLayer::records: return "records";
    case FaultLayer::connections: return "connections";
    case FaultLayer::personas: break;
  }
  return "personas";
}

std::span<const FaultAction* const> faultActions() {
  return kActions;
}

const FaultAction* findFaultAction(std::string_view name) {
  for (const FaultAction* action : kActions) {
    if (action->name == name) return action;
  }
  return nullptr;
}

std::expected<void, std::string> checkFault(const FaultSpec& spec, const Dialect& dialect) {
  const FaultAction* action = findFaultAction(spec.action);
  if (action == nullptr) return std::unexpected(unknownAction(spec.action));
  const auto arguments = FaultArguments::make(action->parameters, spec.parameters, dialect);
  if (!arguments) return std::unexpected(arguments.error());
  if (auto trigger = checkTrigger(spec.trigger, *action); !trigger) return trigger;
  if (auto effect = action->make(*arguments); !effect) return std::unexpected(effect.error());
  return {};
}

}  // namespace jitrig
