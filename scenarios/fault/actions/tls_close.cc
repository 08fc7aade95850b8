#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class TlsClose final : public FaultEffect {
 public:
  explicit TlsClose(const FaultArguments&) : FaultEffect(Use::place) {}

  bool at(FaultPoint& point) const override {
    point.order(EndOrder{FaultEnd::close});
    return true;
  }
};

}  // namespace

constinit const FaultAction kTlsCloseAction{
    .name = "tls_close",
    .sentence = "The connection below TLS ends at that place without close_notify.",
    .layer = FaultLayer::records,
    .breaks_connection = true,
    .make = makeEffect<TlsClose>,
};

}  // namespace jitrig
