#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Duplicate final : public FaultEffect {
 public:
  explicit Duplicate(const FaultArguments& arguments)
      : FaultEffect(Use::unit), times_(arguments.number("times")) {}

  void change(FaultedUnit& unit) const override {
    const std::vector<std::byte> once = unit.bytes;
    for (std::int64_t i = 0; i < times_ && unit.bytes.size() < kMaxMadeBytes; ++i) {
      unit.bytes.insert(unit.bytes.end(), once.begin(), once.end());
    }
  }

 private:
  std::int64_t times_;
};

constexpr auto kDuplicateParameters = std::to_array<FaultParameter>(
    {{.name = "times", .sentence = "how often more", .min = 1, .max = 16, .default_value = "1"}});

}  // namespace

constinit const FaultAction kDuplicateAction{
    .name = "duplicate",
    .sentence = "The message arrives more than once, one behind the other.",
    .alters_bytes = true,
    .parameters = kDuplicateParameters,
    .make = makeEffect<Duplicate>,
};

}  // namespace jitrig
