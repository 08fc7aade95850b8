#include "scenarios/run/scaled_waits.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/fault/fault_action.h"

namespace jitrig {
namespace {

constexpr std::int64_t kMillion = 1'000'000;

class Scale {
 public:
  explicit Scale(std::uint32_t ppm) : ppm_(ppm) {}

  void operator()(std::int64_t& wait_ms) const {
    if (wait_ms > 0) wait_ms = std::max<std::int64_t>(wait_ms * ppm_ / kMillion, 1);
  }
  void operator()(std::optional<std::int64_t>& wait_ms) const {
    if (wait_ms) (*this)(*wait_ms);
  }

 private:
  std::int64_t ppm_;
};

/// What the scenario says, or what is usual; nullopt: it is no time.
std::optional<std::int64_t> parameterMs(const FaultSpec& fault, const FaultParameter& parameter) {
  if (!parameter.name.ends_with("_ms")) return std::nullopt;
  const auto given = fault.parameters.find(std::string(parameter.name));
  const std::string text =
      given != fault.parameters.end() ? given->second : std::string(parameter.default_value);
  std::int64_t wait_ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wait_ms);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return wait_ms;
}

void scaleParameters(const Scale& scale, FaultSpec& fault) {
  const FaultAction* action = findFaultAction(fault.action);
  if (action == nullptr) return;
  for (const FaultParameter& parameter : action->parameters) {
    auto wait_ms = parameterMs(fault, parameter);
    if (!wait_ms) continue;
    scale(*wait_ms);
    fault.parameters.insert_or_assign(std::string(parameter.name), std::to_string(*wait_ms));
  }
}

std::vector<std::int64_t> timeoutsOf(const Scenario& scenario) {
  std::vector<std::int64_t> timeouts_ms;
  for (const ScenarioServer& server : scenario.servers) {
    timeouts_ms.push_back(server.timeout_ms);
    timeouts_ms.push_back(server.first_request_timeout_ms);
  }
  for (const ScenarioVM& vm : scenario.vms) timeouts_ms.push_back(vm.timeout_ms);
  return timeouts_ms;
}

}  // namespace

Scenario withScaledWaits(const Scenario& scenario) {
  Scenario scaled = scenario;
  if (scenario.waits_ppm == kMillion) return scaled;
  const Scale scale(scenario.waits_ppm);
  for (ScenarioServer& server : scaled.servers) {
    scale(server.starts_ms);
    scale(server.stops_ms);
  }
  for (ScenarioVM& vm : scaled.vms) {
    scale(vm.starts_ms);
    scale(vm.interval_ms);
    if (vm.checkpoint) {
      scale(vm.checkpoint->at_ms);
      scale(vm.checkpoint->restores_ms);
    }
    scale(vm.life.reconnect_wait_ms);
    scale(vm.life.max_reconnect_wait_ms);
    scale(vm.life.incompatible_pause_ms);
  }
  for (FaultSpec& fault : scaled.faults) {
    scale(fault.trigger.not_before_ms);
    scale(fault.trigger.not_after_ms);
    scaleParameters(scale, fault);
  }
  return scaled;
}

std::optional<std::string> timeoutThatScalingLoses(const Scenario& scenario) {
  const Scale scale(scenario.waits_ppm);
  for (const FaultSpec& fault : scenario.faults) {
    const FaultAction* action = findFaultAction(fault.action);
    if (action == nullptr || !action->only_delays) continue;
    for (const FaultParameter& parameter : action->parameters) {
      const auto wait_ms = parameterMs(fault, parameter);
      if (!wait_ms) continue;
      std::int64_t scaled_ms = *wait_ms;
      scale(scaled_ms);
      for (const std::int64_t timeout_ms : timeoutsOf(scenario)) {
        if (*wait_ms < timeout_ms || scaled_ms >= timeout_ms) continue;
        return fmt::format(
            "{} takes {} ms, and with the scenario's `waits` {} ms: that is no longer more than a timeout of "
            "{} "
            "ms, which is not scaled; expected to run in the simulation, or with waits: 1",
            fault.action, *wait_ms, scaled_ms, timeout_ms);
      }
    }
  }
  return std::nullopt;
}

}  // namespace jitrig
