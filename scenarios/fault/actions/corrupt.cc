#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

/// In the order of the choices.
enum class Field : std::uint8_t {
  behindPlace,
  size,
  version,
  configuration,
  type,
  count,
  descriptors,
  payload
};

struct Range {
  std::size_t begin;
  std::size_t end;
};

/// A frame has a size, a type, and what protobuf makes of the rest.
Range rangeOfFrame(Field field, const FaultedUnit& unit) {
  constexpr std::size_t kSize = 4;
  constexpr std::size_t kHeader = 8;
  if (field == Field::size) return {0, kSize};
  if (field == Field::type) return {kSize, kHeader};
  return {kHeader, unit.bytes.size()};
}

Range rangeOf(Field field, const FaultedUnit& unit) {
  constexpr std::size_t kHeader = 16;      // wire.md, "Frame = message"
  constexpr std::size_t kDescriptor = 24;  // the end of the first
  if (unit.unit == FaultUnit::frame && field != Field::behindPlace) return rangeOfFrame(field, unit);
  switch (field) {
    case Field::behindPlace: return {unit.place, unit.bytes.size()};
    case Field::size: return {0, 4};
    case Field::version: return {4, 8};
    case Field::configuration: return {8, 12};
    case Field::type: return {12, 14};
    case Field::count: return {14, kHeader};
    case Field::descriptors: return {kHeader, kDescriptor};
    case Field::payload: break;
  }
  return {kDescriptor, unit.bytes.size()};
}

class Corrupt final : public FaultEffect {
 public:
  explicit Corrupt(const FaultArguments& arguments)
      : FaultEffect(Use::unit),
        field_(static_cast<Field>(arguments.number("field"))),
        bits_(arguments.number("bits")) {}

  void change(FaultedUnit& unit) const override {
    if (unit.bytes.empty()) return;
    Range range = rangeOf(field_, unit);
    // A message that does not have the field is hit in its last byte.
    range.end = std::min(range.end, unit.bytes.size());
    range.begin = std::min(range.begin, range.end - 1);
    for (std::int64_t i = 0; i < bits_; ++i) {
      constexpr std::uint64_t kBitsPerByte = 8;
      const std::uint64_t bit = unit.random_below((range.end - range.begin) * kBitsPerByte);
      unit.bytes[range.begin + bit / kBitsPerByte] ^= static_cast<std::byte>(1U << (bit % kBitsPerByte));
    }
  }

 private:
  Field field_;
  std::int64_t bits_;
};

constexpr auto kChoices = std::to_array<std::string_view>(
    {"behind_place", "size", "version", "configuration", "type", "count", "descriptor", "payload"});

constexpr auto kCorruptParameters = std::to_array<FaultParameter>(
    {{.name = "field",
      .sentence = "where; behind_place: from the trigger's place to the message's end; descriptor: the first",
      .kind = FaultParameter::Kind::choice,
      .default_value = "behind_place",
      .choices = kChoices},
     {.name = "bits",
      .sentence = "how many draws; one bit drawn twice is what it was",
      .min = 1,
      .max = 64,
      .default_value = "1"}});

}  // namespace

constinit const FaultAction kCorruptAction{
    .name = "corrupt",
    .sentence = "Bits of the message are flipped, anywhere behind that place or in a chosen field.",
    .alters_bytes = true,
    .parameters = kCorruptParameters,
    .make = makeEffect<Corrupt>,
};

}  // namespace jitrig
