#include <array>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class TlsReorderRecords final : public FaultEffect {
 public:
  explicit TlsReorderRecords(const FaultArguments& arguments)
      : FaultEffect(Use::hold), at_most_(arguments.milliseconds("at_most_ms")) {}

  FaultHold hold() const override { return {.units = 2, .at_most = at_most_, .first_goes_last = true}; }

 private:
  Duration at_most_;
};

constexpr auto kTlsReorderRecordsParameters =
    std::to_array<FaultParameter>({{.name = "at_most_ms",
                                    .sentence = "it goes on after so long, if no other came",
                                    .min = 0,
                                    .max = kMaxFaultTimeMs,
                                    .default_value = "1000"}});

}  // namespace

constinit const FaultAction kTlsReorderRecordsAction{
    .name = "tls_reorder_records",
    .sentence = "A record is held until the next one of its direction has gone on, or for a time.",
    .layer = FaultLayer::records,
    .breaks_connection = true,
    .alters_bytes = true,
    .parameters = kTlsReorderRecordsParameters,
    .make = makeEffect<TlsReorderRecords>,
};

}  // namespace jitrig
