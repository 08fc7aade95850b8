#include <array>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/actions/stall_effect.h"

namespace jitrig {
namespace {

constexpr auto kTlsStallParameters = std::to_array<FaultParameter>({stallParameter("30000")});

}  // namespace

constinit const FaultAction kTlsStallAction{
    .name = "tls_stall",
    .sentence =
        "TLS stands still from that record on, for a time: in the handshake, if it is one of the first.",
    .layer = FaultLayer::records,
    .only_delays = true,
    .parameters = kTlsStallParameters,
    .make = makeEffect<StallEffect>,
};

}  // namespace jitrig
