#include <array>
#include <cstddef>
#include <cstdint>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

class TlsCorruptRecord final : public FaultEffect {
 public:
  explicit TlsCorruptRecord(const FaultArguments& arguments)
      : FaultEffect(Use::unit), bits_(arguments.number("bits")) {}

  void change(FaultedUnit& unit) const override {
    constexpr std::size_t kHeader = 5;  // RFC 8446, section 5.1
    if (unit.bytes.size() <= kHeader) return;
    for (std::int64_t i = 0; i < bits_; ++i) {
      constexpr std::uint64_t kBitsPerByte = 8;
      const std::uint64_t bit = unit.random_below((unit.bytes.size() - kHeader) * kBitsPerByte);
      unit.bytes[kHeader + bit / kBitsPerByte] ^= static_cast<std::byte>(1U << (bit % kBitsPerByte));
    }
  }

 private:
  std::int64_t bits_;
};

constexpr auto kTlsCorruptRecordParameters =
    std::to_array<FaultParameter>({{.name = "bits",
                                    .sentence = "how many draws; one bit drawn twice is what it was",
                                    .min = 1,
                                    .max = 64,
                                    .default_value = "1"}});

}  // namespace

constinit const FaultAction kTlsCorruptRecordAction{
    .name = "tls_corrupt_record",
    .sentence = "Bits of a record are flipped, its header left alone.",
    .layer = FaultLayer::records,
    .breaks_connection = true,
    .alters_bytes = true,
    .parameters = kTlsCorruptRecordParameters,
    .make = makeEffect<TlsCorruptRecord>,
};

}  // namespace jitrig
