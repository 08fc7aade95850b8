#include <array>
#include <cstdint>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class Bandwidth final : public FaultEffect {
 public:
  explicit Bandwidth(const FaultArguments& arguments)
      : FaultEffect(Use::place), bytes_per_s_(static_cast<std::uint64_t>(arguments.number("bytes_per_s"))) {}

  bool at(FaultPoint& point) const override {
    point.order(PaceOrder{bytes_per_s_});
    return true;
  }

 private:
  std::uint64_t bytes_per_s_;
};

constexpr auto kBandwidthParameters = std::to_array<FaultParameter>({{.name = "bytes_per_s",
                                                                      .sentence = "how many",
                                                                      .min = 1,
                                                                      .max = 1'000'000'000,
                                                                      .default_value = "100000"}});

}  // namespace

constinit const FaultAction kBandwidthAction{
    .name = "bandwidth",
    .sentence =
        "From that place on that direction of the connection carries no more bytes in a second than so many.",
    .only_delays = true,
    .parameters = kBandwidthParameters,
    .make = makeEffect<Bandwidth>,
};

}  // namespace jitrig
