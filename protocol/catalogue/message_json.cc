#include "protocol/catalogue/message_json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/catalogue/message_text.h"
#include "protocol/wire/json_reader.h"
#include "protocol/wire/quoted_text.h"
#include "protocol/wire/value.h"
#include "protocol/wire/value_json.h"
#include "protocol/wire/value_rules.h"

namespace jitrig {
namespace {

/// What `jitrig show --json` says besides.
constexpr std::array<std::string_view, 3> kIgnoredKeys{"connection", "time_ns", "direction"};

std::string tableName(const MessageTable& table) {
  return fmt::format("release {}, {} build", table.release().name, toString(table.build()));
}

/// Reads one message; the JsonReader holds the first error.
class MessageJsonReader {
 public:
  MessageJsonReader(std::string_view json, const MessageTable& table) : json_(json), table_(table) {}

  TextResult<Message> read(const WireLimits& limits) {
    start_ = json_.offset();
    if (!readMembers() || !json_.expectEnd() || !decideType() || !checkData())
      return std::unexpected(json_.error());
    Message message;
    message.start(*type_, version_.value_or(0), config_.value_or(0));
    if (data_) addValues(message, *data_);
    if (message.size() > limits.max_message_size_bytes) {
      json_.fail(
          start_,
          fmt::format("the message has {} bytes, but may have no more than {} (max_message_size_bytes)",
                      message.size(), limits.max_message_size_bytes));
      return std::unexpected(json_.error());
    }
    return message;
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
    if (key == "type") return onlyOnce(named_type_) && readType();
    if (key == "number") return onlyOnce(number_) && readNumber();
    if (key == "version") return onlyOnce(version_) && readInteger(version_.emplace());
    if (key == "config") return onlyOnce(config_) && readInteger(config_.emplace());
    if (key == "data") return onlyOnce(data_) && readData();
    if (std::ranges::find(kIgnoredKeys, key) != kIgnoredKeys.end()) return json_.skipValue();
    return json_.fail(json_.keyOffset(),
                      fmt::format("unknown key; known are type, number, version, config, data and {}",
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
    if (!json_.readString(type_name_)) return false;
    std::uint16_t number = 0;
    if (type_name_.starts_with('#')) {
      BrokenRule broken = parseInteger(std::string_view(type_name_).substr(1), number);
      if (!broken.empty()) return json_.fail(offset, std::move(broken));
    } else if (const auto known = table_.numberOf(type_name_)) {
      number = *known;
    } else {
      return json_.fail(
          offset, fmt::format("unknown message type {} ({})", inQuotes(type_name_, 80), tableName(table_)));
    }
    named_type_ = number;
    return number_ == std::nullopt || agree(offset);
  }

  bool readNumber() {
    const std::size_t offset = json_.offset();
    return readInteger(number_.emplace()) && (named_type_ == std::nullopt || agree(offset));
  }

  bool agree(std::size_t offset) {
    if (*named_type_ == *number_) return true;
    return json_.fail(
        offset, fmt::format("type and number contradict each other: {} is {}, and {} is {} ({})", type_name_,
                            *named_type_, *number_, messageTypeName(*number_, table_), tableName(table_)));
  }

  bool readData() {
    data_offset_ = json_.offset();
    return readValuesJson(json_, data_.emplace());
  }

  bool decideType() {
    type_ = named_type_ ? named_type_ : number_;
    return type_ || json_.fail(start_, "expected the key type, or number");
  }

  bool checkData() {
    const bool has_body = !table_.bodylessTypes().contains(*type_);
    if (!data_ && has_body) return json_.fail(start_, "expected the key data");
    if (!data_ || data_->empty() || has_body) return true;
    return json_.fail(data_offset_, fmt::format("data: {} has no body; expected [], or no such key",
                                                messageTypeName(*type_, table_)));
  }

  JsonReader json_;
  const MessageTable& table_;
  std::size_t start_ = 0;
  std::size_t data_offset_ = 0;
  std::string type_name_;
  std::optional<std::uint16_t> named_type_;
  std::optional<std::uint16_t> number_;
  std::optional<std::uint16_t> type_;
  std::optional<std::uint32_t> version_;
  std::optional<std::uint32_t> config_;
  std::optional<std::vector<Value>> data_;
};

}  // namespace

void appendJsonMembers(std::string& out, const Message& message, const MessageTable& table) {
  const Message::MetaData meta_data = message.metaData();
  out += "\"type\":";
  appendJsonString(out, messageTypeName(meta_data.type, table));
  fmt::format_to(std::back_inserter(out),
                 ",\"number\":{},\"version\":{},\"config\":{},\"data\":", +meta_data.type, meta_data.version,
                 meta_data.config);
  appendJson(out, toValues(message));
}

void appendJson(std::string& out, const Message& message, const MessageTable& table) {
  out += '{';
  appendJsonMembers(out, message, table);
  out += '}';
}

std::string toJson(const Message& message, const MessageTable& table) {
  std::string out;
  appendJson(out, message, table);
  return out;
}

TextResult<Message> parseMessageJson(std::string_view json, const MessageTable& table,
                                     const WireLimits& limits) {
  return MessageJsonReader(json, table).read(limits);
}

}  // namespace jitrig
