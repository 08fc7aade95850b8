#include <array>
#include <cstdint>
#include <string_view>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

/// In the order of the choices.
enum class Then : std::uint8_t { close, halfClose, reset, goOn };

class Truncate final : public FaultEffect {
 public:
  explicit Truncate(const FaultArguments& arguments)
      : FaultEffect(Use::place), then_(static_cast<Then>(arguments.number("then"))) {}

  bool at(FaultPoint& point) const override {
    switch (then_) {
      case Then::close: point.order(EndOrder{FaultEnd::close}); break;
      case Then::halfClose: point.order(EndOrder{FaultEnd::halfClose}); break;
      case Then::reset: point.order(EndOrder{FaultEnd::reset}); break;
      case Then::goOn: point.order(SkipOrder{}); break;
    }
    return true;
  }

 private:
  Then then_;
};

constexpr auto kChoices = std::to_array<std::string_view>({"close", "half_close", "reset", "go_on"});

constexpr auto kTruncateParameters =
    std::to_array<FaultParameter>({{.name = "then",
                                    .sentence = "what follows the part that arrives",
                                    .kind = FaultParameter::Kind::choice,
                                    .default_value = "close",
                                    .choices = kChoices}});

}  // namespace

constinit const FaultAction kTruncateAction{
    .name = "truncate",
    .sentence =
        "Of the message only what stands before that place arrives; then the connection ends, or goes on "
        "without "
        "the rest.",
    .breaks_connection = true,
    .alters_bytes = true,
    .parameters = kTruncateParameters,
    .make = makeEffect<Truncate>,
};

}  // namespace jitrig
