#include <array>
#include <cstddef>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/actions/hold_effect.h"

namespace jitrig {
namespace {

class Reorder final : public HoldEffect {
 public:
  explicit Reorder(const FaultArguments& arguments)
      : HoldEffect(arguments, {.units = static_cast<std::size_t>(arguments.number("messages")) + 1,
                               .first_goes_last = true}) {}
};

constexpr auto kReorderParameters = std::to_array<FaultParameter>(
    {{.name = "messages", .sentence = "how many overtake it", .min = 1, .max = 16, .default_value = "1"},
     kHeldAtMostParameter});

}  // namespace

constinit const FaultAction kReorderAction{
    .name = "reorder",
    .sentence = "The message is held until others behind it have gone on: they overtake it.",
    .alters_bytes = true,
    .parameters = kReorderParameters,
    .make = makeEffect<Reorder>,
};

}  // namespace jitrig
