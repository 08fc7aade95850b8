#include "scenarios/record/recorded_fault.h"

#include <algorithm>
#include <array>

namespace jitrig {
namespace {

struct KnownAction {
  std::string_view name;
  FaultHarm effect;
};

constexpr FaultHarm kDelays = FaultHarm::delays;
constexpr FaultHarm kBreaks = FaultHarm::breaks;
constexpr FaultHarm kAlters = FaultHarm::alters;

constexpr std::array kKnown{
    KnownAction{"bandwidth", kDelays}, KnownAction{"coalesce", kDelays}, KnownAction{"delay", kDelays},
    KnownAction{"pause", kDelays},     KnownAction{"slice", kDelays},    KnownAction{"slicing", kDelays},
    KnownAction{"stall", kDelays},
};

}  // namespace

FaultHarm faultHarm(std::string_view action) {
  const auto* known = std::ranges::find(kKnown, action, &KnownAction::name);
  if (known != kKnown.end()) return known->effect;
  return kDelays | kBreaks | kAlters | FaultHarm::refuses;
}

}  // namespace jitrig
