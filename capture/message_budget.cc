#include "capture/message_budget.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <span>

#include "protocol/catalogue/message_text.h"
#include "protocol/wire/message.h"

namespace jitrig {
namespace {

template <class Points>
std::string shapesOf(const Points& points);

/// Lists have one name, whatever is in them; a struct is known by its size.
std::string shapeOf(const DataPoint& point) {
  switch (point.type()) {
    case DataType::INT32: return "int32";
    case DataType::INT64: return "int64";
    case DataType::UINT32: return "uint32";
    case DataType::UINT64: return "uint64";
    case DataType::BOOL: return "bool";
    case DataType::STRING: return "string";
    case DataType::OBJECT: return fmt::format("object{}", point.payload().size());
    case DataType::SIMPLE_VECTOR:
    case DataType::VECTOR:
    case DataType::EMPTY_VECTOR: return "vector";
    case DataType::TUPLE: return fmt::format("tuple({})", shapesOf(point.elements()));
    default: return "unknown";
  }
}

template <class Points>
std::string shapesOf(const Points& points) {
  std::vector<std::string> shapes;
  for (const DataPoint point : points) shapes.push_back(shapeOf(point));
  return fmt::format("{}", fmt::join(shapes, ","));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end != 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

template <class Number>
std::optional<Number> parseNumber(std::string_view text, int base) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// "client compilationRequest 3 7656 uint64,uint32".
bool addType(std::span<const std::string_view> words, MessageBudget& budget) {
  constexpr int kDecimal = 10;
  if (words.size() != 4 && words.size() != 5) return false;
  if (words[0] != "client" && words[0] != "server") return false;
  const auto messages = parseNumber<std::uint64_t>(words[2], kDecimal);
  const auto bytes = parseNumber<std::uint64_t>(words[3], kDecimal);
  if (!messages || !bytes) return false;
  const Direction sender = words[0] == "client" ? Direction::client : Direction::server;
  MessageCost& cost = budget.types[{sender, std::string(words[1])}];
  cost.messages = *messages;
  cost.bytes = *bytes;
  // One without data points has a shape, too.
  if (words.size() == 4) cost.shapes.emplace();
  if (words.size() == 5) {
    for (const std::string_view shape : split(words[4], '|'))
      cost.shapes.emplace(shape == "-" ? std::string_view{} : shape);
  }
  return true;
}

bool exceeds(std::uint64_t cost, std::uint64_t budget) {
  constexpr std::uint64_t kWhole = 100;
  return cost * kWhole > budget * (kWhole + kBudgetPercent);
}

class Comparison {
 public:
  Comparison(const MessageBudget& cost, const MessageBudget& budget) : cost_(cost), budget_(budget) {}

  std::vector<std::string> take() {
    MessageCost all;
    MessageCost all_budget;
    for (const auto& [type, cost] : cost_.types) {
      all.messages += cost.messages;
      all.bytes += cost.bytes;
      compareType(type, cost);
    }
    for (const auto& [type, budget] : budget_.types) {
      all_budget.messages += budget.messages;
      all_budget.bytes += budget.bytes;
    }
    compareCosts("all together", all, all_budget);
    return std::move(excesses_);
  }

 private:
  void compareType(const MessageBudget::Type& type, const MessageCost& cost) {
    const std::string name = fmt::format("{} of the {}", type.second, toString(type.first));
    const auto budget = budget_.types.find(type);
    if (budget == budget_.types.end()) {
      excesses_.push_back(
          fmt::format("{}: {} messages, {} bytes; the budget has none", name, cost.messages, cost.bytes));
      return;
    }
    compareCosts(name, cost, budget->second);
    if (cost_.version != budget_.version) return;
    for (const std::string& shape : cost.shapes) {
      if (budget->second.shapes.contains(shape)) continue;
      excesses_.push_back(
          fmt::format("{}: its data points are ({}), and were ({}), but the version is {:#010x} as "
                      "before: who changes a message changes the version",
                      name, shape, fmt::join(budget->second.shapes, " or "), cost_.version));
    }
  }

  void compareCosts(const std::string& name, const MessageCost& cost, const MessageCost& budget) {
    compare(name, "messages", cost.messages, budget.messages);
    compare(name, "bytes", cost.bytes, budget.bytes);
  }

  void compare(const std::string& name, std::string_view what, std::uint64_t cost, std::uint64_t budget) {
    if (!exceeds(cost, budget)) return;
    excesses_.push_back(
        fmt::format("{}: {} {}, the budget is {} and {} %", name, cost, what, budget, kBudgetPercent));
  }

  const MessageBudget& cost_;
  const MessageBudget& budget_;
  std::vector<std::string> excesses_;
};

}  // namespace

MessageBudget budgetOf(const Conversation& conversation, const MessageTable& table) {
  MessageBudget budget;
  for (const ConversationMessage& each : conversation.messages) {
    if (budget.version == 0) budget.version = each.message.version();
    MessageCost& cost = budget.types[{each.direction, messageTypeName(each.message.type(), table)}];
    ++cost.messages;
    cost.bytes += each.message.size();
    cost.shapes.insert(shapesOf(each.message.dataPoints()));
  }
  return budget;
}

std::string toText(const MessageBudget& budget) {
  std::string text = fmt::format("version {:#010x}\n", budget.version);
  for (const auto& [type, cost] : budget.types) {
    std::vector<std::string> shapes;
    for (const std::string& shape : cost.shapes) shapes.push_back(shape.empty() ? "-" : shape);
    text += fmt::format("{} {} {} {} {}\n", toString(type.first), type.second, cost.messages, cost.bytes,
                        fmt::join(shapes, "|"));
  }
  return text;
}

std::expected<MessageBudget, std::string> parseBudget(std::string_view text) {
  constexpr int kHexadecimal = 16;
  MessageBudget budget;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const std::vector<std::string_view> words = split(line, ' ');
    if (words.size() == 2 && words[0] == "version" && words[1].starts_with("0x")) {
      if (const auto version = parseNumber<std::uint32_t>(words[1].substr(2), kHexadecimal)) {
        budget.version = *version;
        continue;
      }
    }
    if (addType(words, budget)) continue;
    return std::unexpected(
        fmt::format("line {}: expected 'version 0x01006900' or 'client compilationRequest 3 7656 "
                    "uint64,uint32', found '{}'",
                    number, line));
  }
  return budget;
}

std::vector<std::string> excesses(const MessageBudget& cost, const MessageBudget& budget) {
  return Comparison(cost, budget).take();
}

}  // namespace jitrig
