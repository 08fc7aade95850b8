#include <array>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class RefuseConnections final : public FaultEffect {
 public:
  explicit RefuseConnections(const FaultArguments& arguments)
      : FaultEffect(Use::place), duration_(arguments.milliseconds("duration_ms")) {}

  bool at(FaultPoint& point) const override {
    return point.withPersonas([&](PersonaControl& personas) { personas.refuseConnections(duration_); });
  }

 private:
  Duration duration_;
};

constexpr auto kRefuseConnectionsParameters = std::to_array<FaultParameter>({{.name = "duration_ms",
                                                                              .sentence = "how long",
                                                                              .min = 1,
                                                                              .max = kMaxFaultTimeMs,
                                                                              .default_value = "1000"}});

}  // namespace

constinit const FaultAction kRefuseConnectionsAction{
    .name = "refuse_connections",
    .sentence = "Nobody listens at the server's port for a time; connections that exist go on.",
    .layer = FaultLayer::personas,
    .parameters = kRefuseConnectionsParameters,
    .make = makeEffect<RefuseConnections>,
};

}  // namespace jitrig
