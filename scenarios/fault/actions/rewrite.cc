#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/wire/message.h"
#include "protocol/wire/value.h"
#include "protocol/wire/value_text.h"
#include "scenarios/fault/actions/actions.h"
#include "scenarios/fault/fault_effect.h"

namespace jitrig {
namespace {

constexpr std::int64_t kMaxWord = 0xFFFFFFFF;
constexpr std::int64_t kMaxHalfWord = 0xFFFF;
constexpr std::size_t kHeaderSize = 16;  // wire.md, "Frame = message"

using Made = std::expected<std::unique_ptr<const FaultEffect>, std::string>;

class Rewrite final : public FaultEffect {
 public:
  Rewrite(const FaultArguments& arguments, std::optional<std::vector<Value>> values)
      : FaultEffect(Use::unit),
        size_(arguments.optionalNumber("size_bytes")),
        larger_(arguments.optionalNumber("size_change_bytes")),
        version_(arguments.optionalNumber("version")),
        configuration_(arguments.optionalNumber("configuration")),
        type_(arguments.optionalNumber("type")),
        count_(arguments.optionalNumber("data_points")),
        values_(std::move(values)) {}

  void change(FaultedUnit& unit) const override {
    if (unit.unit == FaultUnit::frame) return changeFrame(unit);
    if (unit.bytes.size() < kHeaderSize) return;
    if (values_) replaceBody(unit.bytes);
    std::uint32_t size = 0;
    std::memcpy(&size, unit.bytes.data(), sizeof size);
    if (larger_) put(unit.bytes, 0, static_cast<std::uint32_t>(size + *larger_));
    if (size_) put(unit.bytes, 0, static_cast<std::uint32_t>(*size_));
    if (version_) put(unit.bytes, 4, static_cast<std::uint32_t>(*version_));
    if (configuration_) put(unit.bytes, 8, static_cast<std::uint32_t>(*configuration_));
    if (type_) put(unit.bytes, 12, static_cast<std::uint16_t>(*type_));
    if (count_) put(unit.bytes, 14, static_cast<std::uint16_t>(*count_));
  }

 private:
  /// What a frame says is written over as in a message; it counts no data points.
  void changeFrame(FaultedUnit& unit) const {
    Message message;
    if (!unit.format->decode(unit.bytes, unit.sender, {}, message)) return;
    const MessageMetaData was = message.metaData();
    const auto given = [](const std::optional<std::int64_t>& number, std::uint32_t otherwise) {
      return number ? static_cast<std::uint32_t>(*number) : otherwise;
    };
    Message changed;
    changed.start(static_cast<std::uint16_t>(given(type_, was.type)), given(version_, was.version),
                  given(configuration_, was.config));
    addValues(changed, values_ ? *values_ : toValues(message));
    unit.bytes = unit.format->encode(changed, unit.sender);
    std::uint32_t size = 0;
    std::memcpy(&size, unit.bytes.data(), sizeof size);
    if (larger_) put(unit.bytes, 0, static_cast<std::uint32_t>(size + *larger_));
    if (size_) put(unit.bytes, 0, static_cast<std::uint32_t>(*size_));
  }

  template <class T>
  static void put(std::vector<std::byte>& bytes, std::size_t offset, T value) {
    std::memcpy(bytes.data() + offset, &value, sizeof value);
  }

  /// The header stays, but for size and count.
  void replaceBody(std::vector<std::byte>& bytes) const {
    MessageMetaData meta_data;
    std::memcpy(&meta_data, bytes.data() + sizeof(std::uint32_t), sizeof meta_data);
    Message message;
    message.start(meta_data.type, meta_data.version, meta_data.config);
    addValues(message, *values_);
    const auto written = message.serialize();
    bytes.assign(written.begin(), written.end());
  }

  std::optional<std::int64_t> size_;
  std::optional<std::int64_t> larger_;
  std::optional<std::int64_t> version_;
  std::optional<std::int64_t> configuration_;
  std::optional<std::int64_t> type_;
  std::optional<std::int64_t> count_;
  std::optional<std::vector<Value>> values_;
};

Made makeRewrite(const FaultArguments& arguments) {
  std::optional<std::vector<Value>> values;
  if (arguments.given("values")) {
    auto parsed = parseValues(arguments.text("values"));
    if (!parsed) {
      return std::unexpected(
          fmt::format("values: '{}': {}", arguments.text("values"), toString(parsed.error())));
    }
    values = std::move(*parsed);
  }
  return std::make_unique<const Rewrite>(arguments, std::move(values));
}

constexpr auto kRewriteParameters = std::to_array<FaultParameter>(
    {{.name = "type",
      .sentence = "the message type; not given: unchanged",
      .kind = FaultParameter::Kind::messageType},
     {.name = "version", .sentence = "the version word; not given: unchanged", .max = kMaxWord},
     {.name = "configuration", .sentence = "the configuration word; not given: unchanged", .max = kMaxWord},
     {.name = "data_points",
      .sentence =
          "the number of data points that the header claims; a jitaas frame has none; not given: unchanged",
      .max = kMaxHalfWord},
     {.name = "size_bytes", .sentence = "the size that it claims; not given: unchanged", .max = kMaxWord},
     {.name = "size_change_bytes",
      .sentence = "added to the size that it claims; not given: unchanged",
      .min = -65'536,
      .max = 65'536},
     {.name = "values",
      .sentence = "its data points, as text: int32(-2), bool(true); not given: unchanged",
      .kind = FaultParameter::Kind::text}});

}  // namespace

constinit const FaultAction kRewriteAction{
    .name = "rewrite",
    .sentence =
        "Fields of the message are others: what is given is written over them; the bytes behind the header "
        "stay "
        "unless `values` is given.",
    .alters_bytes = true,
    .parameters = kRewriteParameters,
    .make = makeRewrite,
};

}  // namespace jitrig
