#include <array>
#include <cstddef>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Reorder final : public FaultEffect {
 public:
  explicit Reorder(const FaultArguments& arguments)
      : FaultEffect(Use::hold),
        hold_{.units = static_cast<std::size_t>(arguments.number("messages")) + 1,
              .at_most = arguments.milliseconds("at_most_ms"),
              .first_goes_last = true} {}

  FaultHold hold() const override { return hold_; }

 private:
  FaultHold hold_;
};

constexpr auto kParameters = std::to_array<FaultParameter>(
    {{.name = "messages", .sentence = "how many overtake it", .min = 1, .max = 16, .default_value = "1"},
     {.name = "at_most_ms",
      .sentence = "what is held goes on after so long, whatever has come",
      .min = 0,
      .max = kMaxFaultTime_ms,
      .default_value = "1000"}});

}  // namespace

constinit const FaultAction kReorderAction{
    .name = "reorder",
    .sentence = "The message is held until others behind it have gone on: they overtake it.",
    .alters_bytes = true,
    .parameters = kParameters,
    .make = makeEffect<Reorder>,
};

}  // namespace jitrig
