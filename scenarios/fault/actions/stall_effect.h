#pragma once

#include <string_view>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_arguments.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {

/// How long a stall lasts.
constexpr FaultParameter stallParameter(std::string_view default_ms) {
  return {.name = "duration_ms",
          .sentence = "how long",
          .min = 0,
          .max = kMaxFaultTimeMs,
          .default_value = default_ms};
}

/// Nothing moves from its place on, for a time: of messages and of records.
class StallEffect final : public FaultEffect {
 public:
  explicit StallEffect(const FaultArguments& arguments)
      : FaultEffect(Use::place), duration_(arguments.milliseconds("duration_ms")) {}

  bool at(FaultPoint& point) const override {
    point.order(StallOrder{duration_});
    return true;
  }

 private:
  Duration duration_;
};

}  // namespace jitrig
