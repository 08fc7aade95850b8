#include <array>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/actions/stall_effect.h"

namespace jitrig {
namespace {

constexpr auto kStallParameters = std::to_array<FaultParameter>({stallParameter("1000")});

}  // namespace

constinit const FaultAction kStallAction{
    .name = "stall",
    .sentence = "Nothing moves in that direction from that place on, for a time; then all goes on.",
    .only_delays = true,
    .parameters = kStallParameters,
    .make = makeEffect<StallEffect>,
};

}  // namespace jitrig
