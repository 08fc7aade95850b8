#pragma once

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_arguments.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {

inline constexpr FaultParameter kHeldAtMostParameter{
    .name = "at_most_ms",
    .sentence = "what is held goes on after so long, whatever has come",
    .min = 0,
    .max = kMaxFaultTimeMs,
    .default_value = "1000"};

/// Messages are held until others have come. How many, and which goes first, an action says.
class HoldEffect : public FaultEffect {
 public:
  FaultHold hold() const override { return hold_; }

 protected:
  HoldEffect(const FaultArguments& arguments, FaultHold hold) : FaultEffect(Use::hold), hold_(hold) {
    hold_.at_most = arguments.milliseconds("at_most_ms");
  }

 private:
  FaultHold hold_;
};

}  // namespace jitrig
