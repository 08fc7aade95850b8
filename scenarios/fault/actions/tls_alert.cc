#include <array>
#include <cstddef>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class TlsAlert final : public FaultEffect {
 public:
  explicit TlsAlert(const FaultArguments& arguments)
      : FaultEffect(Use::place), description_(static_cast<std::byte>(arguments.number("description"))) {}

  bool at(FaultPoint& point) const override {
    constexpr std::byte kFatal{2};
    point.order(InsertOrder{
        {std::byte{21}, std::byte{3}, std::byte{3}, std::byte{0}, std::byte{2}, kFatal, description_}});
    return true;
  }

 private:
  std::byte description_;
};

constexpr auto kTlsAlertParameters =
    std::to_array<FaultParameter>({{.name = "description",
                                    .sentence = "the alert's number; 40: handshake_failure",
                                    .min = 0,
                                    .max = 255,
                                    .default_value = "40"}});

}  // namespace

constinit const FaultAction kTlsAlertAction{
    .name = "tls_alert",
    .sentence =
        "An alert that nobody sent arrives at that place, in plain text: in the handshake it is believed, "
        "later it is a broken record.",
    .layer = FaultLayer::records,
    .breaks_connection = true,
    .alters_bytes = true,
    .parameters = kTlsAlertParameters,
    .make = makeEffect<TlsAlert>,
};

}  // namespace jitrig
