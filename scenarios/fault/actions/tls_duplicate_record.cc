#include <cstddef>
#include <vector>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class TlsDuplicateRecord final : public FaultEffect {
 public:
  explicit TlsDuplicateRecord(const FaultArguments&) : FaultEffect(Use::unit) {}

  void change(FaultedUnit& unit) const override {
    const std::vector<std::byte> once = unit.bytes;
    unit.bytes.insert(unit.bytes.end(), once.begin(), once.end());
  }
};

}  // namespace

constinit const FaultAction kTlsDuplicateRecordAction{
    .name = "tls_duplicate_record",
    .sentence = "A record arrives twice.",
    .layer = FaultLayer::records,
    .breaks_connection = true,
    .alters_bytes = true,
    .make = makeEffect<TlsDuplicateRecord>,
};

}  // namespace jitrig
