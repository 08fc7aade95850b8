#include "scenarios/run/scaled_waits.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

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

/// Also those that the scenario leaves as they are usually.
void scaleParameters(const Scale& scale, FaultSpec& fault) {
  const FaultAction* action = findFaultAction(fault.action);
  if (action == nullptr) return;
  for (const FaultParameter& parameter : action->parameters) {
    if (!parameter.name.ends_with("_ms")) continue;
    const auto given = fault.parameters.find(std::string(parameter.name));
    const std::string text =
        given != fault.parameters.end() ? given->second : std::string(parameter.default_value);
    std::int64_t wait_ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wait_ms);
    if (error != std::errc{} || end != text.data() + text.size()) continue;
    scale(wait_ms);
    fault.parameters.insert_or_assign(std::string(parameter.name), std::to_string(wait_ms));
  }
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

}  // namespace jitrig
