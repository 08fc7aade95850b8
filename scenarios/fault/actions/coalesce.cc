#include <array>
#include <cstddef>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Coalesce final : public FaultEffect {
 public:
  explicit Coalesce(const FaultArguments& arguments)
      : FaultEffect(Use::hold),
        hold_{.units = static_cast<std::size_t>(arguments.number("messages")),
              .at_most = arguments.milliseconds("at_most_ms"),
              .first_goes_last = false} {}

  FaultHold hold() const override { return hold_; }

 private:
  FaultHold hold_;
};

constexpr auto kParameters = std::to_array<FaultParameter>(
    {{.name = "messages", .sentence = "how many, with this one", .min = 2, .max = 16, .default_value = "2"},
     {.name = "at_most_ms",
      .sentence = "what is held goes on after so long, whatever has come",
      .min = 0,
      .max = kMaxFaultTime_ms,
      .default_value = "1000"}});

}  // namespace

constinit const FaultAction kCoalesceAction{
    .name = "coalesce",
    .sentence =
        "The message is held until others are queued behind it in its direction; then they go on in one "
        "piece.",
    .only_delays = true,
    .parameters = kParameters,
    .make = makeEffect<Coalesce>,
};

}  // namespace jitrig
