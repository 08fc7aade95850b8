#include <array>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class TlsStall final : public FaultEffect {
 public:
  explicit TlsStall(const FaultArguments& arguments)
      : FaultEffect(Use::place), duration_(arguments.milliseconds("duration_ms")) {}

  bool at(FaultPoint& point) const override {
    point.order(StallOrder{duration_});
    return true;
  }

 private:
  Duration duration_;
};

constexpr auto kParameters = std::to_array<FaultParameter>({{.name = "duration_ms",
                                                             .sentence = "how long",
                                                             .min = 0,
                                                             .max = kMaxFaultTime_ms,
                                                             .default_value = "30000"}});

}  // namespace

constinit const FaultAction kTlsStallAction{
    .name = "tls_stall",
    .sentence =
        "TLS stands still from that record on, for a time: in the handshake, if it is one of the first.",
    .layer = FaultLayer::records,
    .only_delays = true,
    .parameters = kParameters,
    .make = makeEffect<TlsStall>,
};

}  // namespace jitrig
