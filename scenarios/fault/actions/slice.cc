#include <array>
#include <cstddef>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Slice final : public FaultEffect {
 public:
  explicit Slice(const FaultArguments& arguments)
      : FaultEffect(Use::place), size_bytes_(static_cast<std::size_t>(arguments.number("size_bytes"))) {}

  bool at(FaultPoint& point) const override {
    point.order(SliceOrder{size_bytes_});
    return true;
  }

 private:
  std::size_t size_bytes_;
};

constexpr auto kSliceParameters = std::to_array<FaultParameter>(
    {{.name = "size_bytes", .sentence = "of a piece", .min = 1, .max = 65'536, .default_value = "1"}});

}  // namespace

constinit const FaultAction kSliceAction{
    .name = "slice",
    .sentence = "The message arrives in small pieces from that place on: one byte at a time, or a few.",
    .only_delays = true,
    .parameters = kSliceParameters,
    .make = makeEffect<Slice>,
};

}  // namespace jitrig
