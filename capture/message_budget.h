#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/conversation.h"
#include "protocol/catalogue/message_table.h"

namespace jitrig {

/// What the messages of one type, sent by one side, cost together, and what they look like.
struct MessageCost {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  /// The kinds of their data points, in order: "object8,string,tuple(bool,uint64)". Several where that
  /// depends on the values.
  std::set<std::string> shapes;

  bool operator==(const MessageCost&) const = default;
};

/// What a workload may cost: messages and bytes by type, to be compared with what it costs after a change.
struct MessageBudget {
  /// Sender and name of the type.
  using Type = std::pair<Direction, std::string>;

  std::uint32_t version = 0;  ///< version word that was announced; 0: none was
  std::map<Type, MessageCost> types;

  bool operator==(const MessageBudget&) const = default;
};

/// How much more than its budget a workload may cost.
inline constexpr std::uint64_t kBudgetPercent = 5;

/// What this conversation has cost.
MessageBudget budgetOf(const Conversation& conversation, const MessageTable& table);

/// One line for the version, then one per type: sender, name, messages, bytes, shapes.
std::string toText(const MessageBudget& budget);
/// Back again; empty lines and those that begin with # are passed over. The error names line and expectation.
std::expected<MessageBudget, std::string> parseBudget(std::string_view text);

/// In sentences: each type that the budget does not have, or of which there are more messages or bytes than
/// kBudgetPercent allows; the same of all together; each type whose shape is a new one although the version
/// is the same. Less is no excess.
std::vector<std::string> excesses(const MessageBudget& cost, const MessageBudget& budget);

}  // namespace jitrig
