#include "scenarios/fault/fault_trigger.h"

#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <utility>

#include "scenarios/fault/fault_place.h"

namespace jitrig {
namespace {

constexpr std::uint32_t kMillion = 1'000'000;

std::expected<void, std::string> refuse(std::string_view name, std::string_view why) {
  return std::unexpected(fmt::format("{}: {}", name, why));
}

}  // namespace

std::expected<void, std::string> checkTrigger(const FaultTrigger& trigger, const FaultAction& action) {
  using Counted = std::pair<std::string_view, std::optional<std::uint64_t>>;
  for (const auto& [name, number] :
       {Counted{"message", trigger.message},
        Counted{"message_of_compilation", trigger.message_of_compilation},
        Counted{"compilation", trigger.compilation}, Counted{"connection", trigger.connection}}) {
    if (number == std::uint64_t{0}) return refuse(name, "0: expected a number from 1");
  }
  if (trigger.probability_ppm > kMillion) {
    return refuse("probability_ppm",
                  fmt::format("{}: expected at most {}", trigger.probability_ppm, kMillion));
  }
  if (trigger.not_before_ms && trigger.not_after_ms && *trigger.not_before_ms > *trigger.not_after_ms) {
    return refuse("not_after_ms", fmt::format("{}: expected no less than not_before_ms, {}",
                                              *trigger.not_after_ms, *trigger.not_before_ms));
  }
  if (trigger.byte != 0 && trigger.place != FaultPlace::atByte) {
    return refuse("byte", fmt::format("{}: goes with place at_byte, not with {}", trigger.byte,
                                      toString(trigger.place)));
  }
  const bool below_tls = action.layer == FaultLayer::records || action.layer == FaultLayer::connections;
  if (below_tls && (trigger.compilation || trigger.message_of_compilation)) {
    return refuse("compilation",
                  fmt::format("{} works below TLS, where compilations cannot be seen", action.name));
  }
  const bool of_message = trigger.type || trigger.message || trigger.direction;
  if (action.layer == FaultLayer::connections && of_message) {
    return refuse("trigger",
                  fmt::format("{} happens as a connection comes about: expected neither direction, "
                              "message nor type",
                              action.name));
  }
  return {};
}

bool isTimed(const FaultTrigger& trigger) {
  return trigger.not_before_ms && !trigger.direction && !trigger.type && !trigger.message &&
         !trigger.connection && !trigger.compilation && !trigger.message_of_compilation;
}

}  // namespace jitrig
