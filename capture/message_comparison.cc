#include "capture/message_comparison.h"

#include <array>
#include <fmt/format.h>

#include "protocol/wire/value_text.h"

namespace jitrig {
namespace {

/// A value in an error text: enough to recognise it, not a screenful.
std::string shortText(const Value& value) {
  constexpr std::size_t kMaxLength = 80;
  std::string text = toText(value);
  if (text.size() > kMaxLength)
    text = fmt::format("{}… ({} characters)", text.substr(0, kMaxLength), text.size());
  return text;
}

/// Which of the leading data points may differ. Requests: UID, then the uint32 numbers (semantics.md, section
/// 3), of which older releases have fewer.
std::array<bool, 3> freeDataPoints(const Message& message, std::span<const Value> values,
                                   const Dialect& dialect, const ComparisonRules& rules) {
  if (message.type() == dialect.compilation_request) {
    const auto is_number = [&](std::size_t index) {
      return values.size() > index && values[index].type() == DataType::UINT32;
    };
    const bool first = rules.sequence_numbers && is_number(1);
    return {rules.client_uid, first, first && is_number(2)};
  }
  if (message.type() == dialect.client_session_terminate) return {rules.client_uid, false, false};
  const bool asks_for_table = dialect.typeName(message.type()) == "getUnloadedClassRangesAndCHTable";
  return {asks_for_table && rules.server_uid, false, false};
}

}  // namespace

std::optional<std::string> compareValues(std::span<const Value> recorded, std::span<const Value> received,
                                         std::span<const bool> may_differ) {
  if (recorded.size() != received.size()) {
    return fmt::format("recorded {} data points, received {}", recorded.size(), received.size());
  }
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const bool only_type = i < may_differ.size() && may_differ[i];
    if (recorded[i] == received[i] || (only_type && recorded[i].type() == received[i].type())) continue;
    return fmt::format("data point {}: recorded {}, received {}", i, shortText(recorded[i]),
                       shortText(received[i]));
  }
  return std::nullopt;
}

std::optional<std::string> compareMessages(const Message& recorded, const Message& received,
                                           const Dialect& dialect, const ComparisonRules& rules) {
  if (recorded.type() != received.type()) {
    return fmt::format("recorded {}, received {}", dialect.typeName(recorded.type()),
                       dialect.typeName(received.type()));
  }
  const FullVersion then{recorded.version(), recorded.config()};
  const FullVersion now{received.version(), received.config()};
  if (!rules.versions && then != now) {
    return fmt::format("{}: recorded {}, received {}", dialect.typeName(recorded.type()), describe(then),
                       describe(now));
  }
  const std::vector<Value> recorded_values = toValues(recorded);
  const auto may_differ = freeDataPoints(recorded, recorded_values, dialect, rules);
  auto difference = compareValues(recorded_values, toValues(received), may_differ);
  if (difference) return fmt::format("{}: {}", dialect.typeName(recorded.type()), *difference);
  return std::nullopt;
}

}  // namespace jitrig
