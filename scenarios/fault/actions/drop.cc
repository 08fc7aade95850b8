#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Drop final : public FaultEffect {
 public:
  explicit Drop(const FaultArguments&) : FaultEffect(Use::unit) {}

  void change(FaultedUnit& unit) const override { unit.bytes.clear(); }
};

}  // namespace

constinit const FaultAction kDropAction{
    .name = "drop",
    .sentence = "The whole message is lost, and nothing else.",
    .alters_bytes = true,
    .make = makeEffect<Drop>,
};

}  // namespace jitrig
