#include <array>
#include <cstddef>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/actions/hold_effect.h"

namespace jitrig {
namespace {

class Coalesce final : public HoldEffect {
 public:
  explicit Coalesce(const FaultArguments& arguments)
      : HoldEffect(arguments, {.units = static_cast<std::size_t>(arguments.number("messages")),
                               .first_goes_last = false}) {}
};

constexpr auto kCoalesceParameters = std::to_array<FaultParameter>(
    {{.name = "messages", .sentence = "how many, with this one", .min = 2, .max = 16, .default_value = "2"},
     kHeldAtMostParameter});

}  // namespace

constinit const FaultAction kCoalesceAction{
    .name = "coalesce",
    .sentence =
        "The message is held until others are queued behind it in its direction; then they go on in one "
        "piece.",
    .only_delays = true,
    .parameters = kCoalesceParameters,
    .make = makeEffect<Coalesce>,
};

}  // namespace jitrig
