#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class TlsGarbage final : public FaultEffect {
 public:
  explicit TlsGarbage(const FaultArguments& arguments)
      : FaultEffect(Use::place), size_bytes_(arguments.number("size_bytes")) {}

  bool at(FaultPoint& point) const override {
    std::vector<std::byte> garbage;
    for (std::int64_t i = 0; i < size_bytes_; ++i) {
      constexpr std::uint64_t kValues = 256;
      garbage.push_back(static_cast<std::byte>(point.randomBelow(kValues)));
    }
    point.order(InsertOrder{std::move(garbage)});
    return true;
  }

 private:
  std::int64_t size_bytes_;
};

constexpr auto kTlsGarbageParameters = std::to_array<FaultParameter>(
    {{.name = "size_bytes", .sentence = "how many", .min = 1, .max = 65'536, .default_value = "16"}});

}  // namespace

constinit const FaultAction kTlsGarbageAction{
    .name = "tls_garbage",
    .sentence = "Random bytes that are no record arrive at that place.",
    .layer = FaultLayer::records,
    .breaks_connection = true,
    .alters_bytes = true,
    .parameters = kTlsGarbageParameters,
    .make = makeEffect<TlsGarbage>,
};

}  // namespace jitrig
