#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "protocol/wire/message.h"
#include "protocol/wire/value.h"
#include "protocol/wire/value_text.h"
#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

using Made = std::expected<std::unique_ptr<const FaultEffect>, std::string>;

class Insert final : public FaultEffect {
 public:
  Insert(std::vector<std::byte> bytes, std::int64_t times)
      : FaultEffect(Use::place), bytes_(std::move(bytes)), times_(times) {}

  bool at(FaultPoint& point) const override {
    std::vector<std::byte> all;
    for (std::int64_t i = 0; i < times_ && all.size() < kMaxMadeBytes; ++i) {
      all.insert(all.end(), bytes_.begin(), bytes_.end());
    }
    point.order(InsertOrder{std::move(all)});
    return true;
  }

 private:
  std::vector<std::byte> bytes_;
  std::int64_t times_;
};

Made makeInsert(const FaultArguments& arguments) {
  const auto values = parseValues(arguments.text("values"));
  if (!values) {
    return std::unexpected(
        fmt::format("values: '{}': {}", arguments.text("values"), toString(values.error())));
  }
  Message message(static_cast<std::uint16_t>(arguments.number("type")));
  addValues(message, *values);
  const auto bytes = message.serialize();
  return std::make_unique<const Insert>(std::vector(bytes.begin(), bytes.end()), arguments.number("times"));
}

constexpr auto kInsertParameters = std::to_array<FaultParameter>(
    {{.name = "type",
      .sentence = "of the message",
      .kind = FaultParameter::Kind::messageType,
      .default_value = "compilationInterrupted"},
     {.name = "values",
      .sentence = "its data points as text: int32(-2), bool(true); empty: none",
      .kind = FaultParameter::Kind::text,
      .default_value = " "},
     {.name = "times", .sentence = "how often", .min = 1, .max = 16, .default_value = "1"}});

}  // namespace

constinit const FaultAction kInsertAction{
    .name = "insert",
    .sentence =
        "A message that nobody sent arrives at that place: usually before or after the one that sets it off.",
    .alters_bytes = true,
    .parameters = kInsertParameters,
    .make = makeInsert,
};

}  // namespace jitrig
