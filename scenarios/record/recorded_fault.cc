#include "scenarios/record/recorded_fault.h"

#include <algorithm>
#include <array>

namespace jitrig {
namespace {

struct KnownAction {
  std::string_view name;
  FaultEffect effect;
};

constexpr FaultEffect kDelays = FaultEffect::delays;
constexpr FaultEffect kBreaks = FaultEffect::breaks;
constexpr FaultEffect kAlters = FaultEffect::alters;

constexpr std::array kKnown{
    KnownAction{"bandwidth", kDelays}, KnownAction{"coalesce", kDelays}, KnownAction{"delay", kDelays},
    KnownAction{"pause", kDelays},     KnownAction{"slice", kDelays},    KnownAction{"slicing", kDelays},
    KnownAction{"stall", kDelays},
};

}  // namespace

FaultEffect faultEffect(std::string_view action) {
  const auto* known = std::ranges::find(kKnown, action, &KnownAction::name);
  if (known != kKnown.end()) return known->effect;
  return kDelays | kBreaks | kAlters | FaultEffect::refuses;
}

}  // namespace jitrig
