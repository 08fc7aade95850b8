#include "protocol/jitaas/jitaas_message_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/catalogue/message_text.h"
#include "protocol/jitaas/protobuf_validation.h"
#include "protocol/jitaas/tagged_value.h"
#include "protocol/jitaas/tagged_value_json.h"
#include "protocol/wire/json_reader.h"
#include "protocol/wire/quoted_text.h"
#include "protocol/wire/value_json.h"
#include "protocol/wire/value_rules.h"
#include "protocol/wire/value_text.h"

namespace jitrig {
namespace {

/// What `jitrig show --json` says besides.
constexpr std::array<std::string_view, 3> kIgnoredKeys{"connection", "time_ns", "direction"};

/// Reads one message; the JsonReader holds the first error.
class MessageReader {
 public:
  MessageReader(std::string_view json, const JitaasMessageTypes& types, const ProtobufLimits& limits)
      : json_(json), types_(types), limits_(limits) {}

  TextResult<JitaasMessage> read() {
    const std::size_t start = json_.offset();
    if (!readMembers() || !json_.expectEnd() || !decideType(start)) return std::unexpected(json_.error());
    JitaasMessage message(*type_, version_.value_or(0));
    if (data_) addTaggedValues(message.data(), *data_);
    const std::size_t size = message.size() - kJitaasFrameHeaderSize;
    if (size <= limits_.max_message_size_bytes) return message;
    json_.fail(start,
               fmt::format("the message has {} bytes, but may have no more than {} (max_message_size_bytes)",
                           size, limits_.max_message_size_bytes));
    return std::unexpected(json_.error());
  }

 private:
  bool readMembers() {
    std::string_view key;
    if (!json_.enterObject()) return false;
    while (json_.nextKey(key)) {
      if (!readMember(key)) return false;
    }
    return !json_.failed();
  }

  bool readMember(std::string_view key) {
    if (key == "type") return onlyOnce(type_) && readType();
    if (key == "number") return onlyOnce(number_) && readInteger(number_.emplace());
    if (key == "version") return onlyOnce(version_) && readInteger(version_.emplace());
    if (key == "data") return onlyOnce(data_) && readTaggedValues(json_, data_.emplace(), limits_);
    if (std::ranges::find(kIgnoredKeys, key) != kIgnoredKeys.end()) return json_.skipValue();
    return json_.fail(json_.keyOffset(),
                      fmt::format("unknown key; known are type, number, version, data and {}",
                                  fmt::join(kIgnoredKeys, ", ")));
  }

  template <class T>
  bool onlyOnce(const std::optional<T>& member) {
    return !member || json_.fail(json_.keyOffset(), "this key is given twice");
  }

  template <class T>
  bool readInteger(T& value) {
    const std::size_t offset = json_.offset();
    std::string_view number;
    if (!json_.readNumber(number)) return false;
    BrokenRule broken = parseInteger(number, value);
    return broken.empty() || json_.fail(offset, std::move(broken));
  }

  /// A name of the release, or "#" and any number.
  bool readType() {
    const std::size_t offset = json_.offset();
    std::string name;
    if (!json_.readString(name)) return false;
    if (name.starts_with('#')) {
      BrokenRule broken = parseInteger(std::string_view(name).substr(1), type_.emplace());
      return broken.empty() || json_.fail(offset, std::move(broken));
    }
    type_ = types_.numberOf(name);
    return type_ || json_.fail(offset, fmt::format("unknown message type {} (release {})", inQuotes(name, 80),
                                                   types_.release));
  }

  bool decideType(std::size_t start) {
    if (!type_) type_ = number_;
    if (!type_) return json_.fail(start, "expected the key type, or number");
    return !number_ || *number_ == *type_ ||
           json_.fail(
               start,
               fmt::format("type and number contradict each other: {} is {}, and {} is {} (release {})",
                           types_.nameOf(*type_), *type_, *number_, types_.nameOf(*number_), types_.release));
  }

  JsonReader json_;
  const JitaasMessageTypes& types_;
  const ProtobufLimits& limits_;
  std::optional<std::int32_t> type_;
  std::optional<std::int32_t> number_;
  std::optional<std::uint64_t> version_;
  std::optional<std::vector<TaggedValue>> data_;
};

}  // namespace

void appendText(std::string& out, const JitaasMessage& message, const JitaasMessageTypes& types) {
  out += types.nameOf(message.type());
  appendVersionAndConfig(out, static_cast<std::uint32_t>(message.version()),
                         static_cast<std::uint32_t>(message.version() >> 32U));
  out += '(';
  out += toText(withoutTags(toTaggedValues(message.data())));
  out += ')';
}

void appendJson(std::string& out, const JitaasMessage& message, const JitaasMessageTypes& types) {
  out += "{\"type\":";
  appendJsonString(out, types.nameOf(message.type()));
  fmt::format_to(std::back_inserter(out), ",\"number\":{},\"version\":{},\"data\":", message.type(),
                 message.version());
  appendJson(out, toTaggedValues(message.data()));
  out += '}';
}

TextResult<JitaasMessage> parseJitaasMessageJson(std::string_view json, const JitaasMessageTypes& types,
                                                 const ProtobufLimits& limits) {
  return MessageReader(json, types, limits).read();
}

}  // namespace jitrig
