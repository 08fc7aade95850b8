#include "scenarios/fault/fault_arguments.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <stdexcept>

#include "protocol/catalogue/nearest_name.h"

namespace jitrig {
namespace {

std::optional<std::int64_t> parseNumber(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view digits = text.substr(negative ? 1 : 0);
  const bool hexadecimal = digits.starts_with("0x");
  if (hexadecimal) digits.remove_prefix(2);
  if (digits.empty() || digits.front() == '-') return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, hexadecimal ? 16 : 10);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return negative ? -number : number;
}

std::string nearestOf(std::string_view given, std::span<const std::string> names) {
  const auto nearest = nearestNames(given, names);
  return nearest.empty() ? "" : fmt::format("; did you mean {}?", fmt::join(nearest, ", "));
}

using NumberOrError = std::expected<std::int64_t, std::string>;

NumberOrError readNumber(const FaultParameter& parameter, std::string_view text) {
  const auto number = parseNumber(text);
  if (number && *number >= parameter.min && *number <= parameter.max) return *number;
  return std::unexpected(fmt::format("{}: '{}': expected a number from {} to {}", parameter.name, text,
                                     parameter.min, parameter.max));
}

NumberOrError readMessageType(const FaultParameter& parameter, std::string_view text,
                              const Dialect& dialect) {
  if (const auto number = dialect.table->numberOf(text)) return *number;
  if (const auto number = parseNumber(text);
      number && *number >= 0 && *number <= std::numeric_limits<std::uint16_t>::max()) {
    return *number;
  }
  std::vector<std::string> names;
  for (const MessageType& type : dialect.table->types()) names.push_back(type.name);
  return std::unexpected(fmt::format("{}: '{}': expected the name of a message type or its number{}",
                                     parameter.name, text, nearestOf(text, names)));
}

NumberOrError readChoice(const FaultParameter& parameter, std::string_view text) {
  const auto found = std::ranges::find(parameter.choices, text);
  if (found != parameter.choices.end()) return found - parameter.choices.begin();
  const std::vector<std::string> choices(parameter.choices.begin(), parameter.choices.end());
  return std::unexpected(fmt::format("{}: '{}': expected one of {}{}", parameter.name, text,
                                     fmt::join(parameter.choices, ", "), nearestOf(text, choices)));
}

NumberOrError readArgument(const FaultParameter& parameter, std::string_view text, const Dialect& dialect) {
  switch (parameter.kind) {
    case FaultParameter::Kind::number: return readNumber(parameter, text);
    case FaultParameter::Kind::choice: return readChoice(parameter, text);
    case FaultParameter::Kind::messageType: return readMessageType(parameter, text, dialect);
    case FaultParameter::Kind::text: break;
  }
  return 0;
}

std::string unknownParameter(std::span<const FaultParameter> parameters, std::string_view given) {
  if (parameters.empty()) return fmt::format("'{}': it has no parameters", given);
  std::vector<std::string> names;
  for (const FaultParameter& parameter : parameters) names.emplace_back(parameter.name);
  return fmt::format("'{}': no such parameter, expected {}{}", given, fmt::join(names, ", "),
                     nearestOf(given, names));
}

}  // namespace

std::string_view toString(FaultParameter::Kind kind) {
  switch (kind) {
    case FaultParameter::Kind::number: return "number";
    case FaultParameter::Kind::choice: return "choice";
    case FaultParameter::Kind::messageType: return "message type";
    case FaultParameter::Kind::text: break;
  }
  return "text";
}

std::expected<FaultArguments, std::string> FaultArguments::make(
    std::span<const FaultParameter> parameters, const std::map<std::string, std::string>& given,
    const Dialect& dialect) {
  for (const auto& [name, value] : given) {
    if (std::ranges::find(parameters, name, &FaultParameter::name) == parameters.end()) {
      return std::unexpected(unknownParameter(parameters, name));
    }
  }
  FaultArguments arguments(dialect);
  for (const FaultParameter& parameter : parameters) {
    const auto found = given.find(std::string(parameter.name));
    const std::string value = found != given.end() ? found->second : std::string(parameter.default_value);
    if (found == given.end() && value.empty()) continue;
    const auto number = readArgument(parameter, value, dialect);
    if (!number) return std::unexpected(number.error());
    arguments.values_.emplace(parameter.name, value);
    arguments.numbers_.emplace(parameter.name, *number);
  }
  return arguments;
}

std::int64_t FaultArguments::number(std::string_view name) const {
  const auto found = numbers_.find(name);
  if (found == numbers_.end()) throw std::logic_error(fmt::format("no parameter {} was given", name));
  return found->second;
}

std::optional<std::int64_t> FaultArguments::optionalNumber(std::string_view name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

std::string FaultArguments::text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::logic_error(fmt::format("no parameter {} was given", name));
  return found->second;
}

Duration FaultArguments::milliseconds(std::string_view name) const {
  return std::chrono::milliseconds(number(name));
}

}  // namespace jitrig
