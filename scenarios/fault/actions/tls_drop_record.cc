#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class TlsDropRecord final : public FaultEffect {
 public:
  explicit TlsDropRecord(const FaultArguments&) : FaultEffect(Use::unit) {}

  void change(FaultedUnit& unit) const override { unit.bytes.clear(); }
};

}  // namespace

constinit const FaultAction kTlsDropRecordAction{
    .name = "tls_drop_record",
    .sentence = "A whole record is lost.",
    .layer = FaultLayer::records,
    .breaks_connection = true,
    .alters_bytes = true,
    .make = makeEffect<TlsDropRecord>,
};

}  // namespace jitrig
