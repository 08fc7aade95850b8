#include "cli/conversation_table.h"

#include <algorithm>
#include <fmt/format.h>

#include "cli/abbreviated_text.h"
#include "cli/terminal_colors.h"
#include "protocol/catalogue/message_text.h"
#include "protocol/wire/value.h"

namespace jitrig {
namespace {

/// Microseconds are enough for the eye; --json has the nanoseconds.
std::string secondsText(std::int64_t time_ns) {
  constexpr std::int64_t kNsPerUs = 1000;
  constexpr std::int64_t kUsPerSecond = 1'000'000;
  const std::int64_t time_us = time_ns / kNsPerUs;
  const std::int64_t magnitude_us = time_us < 0 ? -time_us : time_us;  // clocks may step back
  return fmt::format("{}{}.{:06}", time_us < 0 ? "-" : "", magnitude_us / kUsPerSecond,
                     magnitude_us % kUsPerSecond);
}

/// Compilations that did not end well stand out.
Color colorOf(const ConversationMessage& message, std::string_view type_name) {
  if (type_name == "compilationFailure" || type_name == "compilationInterrupted" ||
      type_name == "AOTCache_failure") {
    return Color::red;
  }
  return message.direction == Direction::client ? Color::cyan : Color::green;
}

}  // namespace

ConversationTable::ConversationTable(const Conversation& conversation, const MessageTable& message_table,
                                     const ConversationTableOptions& options)
    : message_table_(message_table), options_(options), message_counts_(conversation.connections.size()) {
  const auto widen = [](std::size_t& width, const std::string& text) {
    width = std::max(width, text.size());
  };
  for (const ConversationConnection& connection : conversation.connections) {
    widen(connection_width_, fmt::to_string(connection.index));
    for (const ConversationEnd& end : connection.ends) widen(time_width_, secondsText(end.time_ns));
  }
  for (const ConversationMessage& message : conversation.messages) {
    widen(time_width_, secondsText(message.time_ns));
    widen(size_width_, fmt::to_string(message.message.size()));
    ++message_counts_.at(message.connection).at(static_cast<std::size_t>(message.direction));
  }
}

void ConversationTable::appendConnection(std::string& out, const ConversationConnection& connection) const {
  const std::array<std::size_t, 2>& counts = message_counts_.at(connection.index);
  out += fmt::format("connection {}: client {}, server {}, {} and {} messages\n", connection.index,
                     toString(connection.client), toString(connection.server), counts[0], counts[1]);
}

void ConversationTable::appendColumns(std::string& out, std::uint32_t connection, std::int64_t time_ns,
                                      Direction sender, const std::string& size) const {
  const std::string left =
      fmt::format("{:>{}}  {:>{}}  ", connection, connection_width_, secondsText(time_ns), time_width_);
  appendColored(out, left, Color::dim, options_.with_colors);
  appendColored(out, toString(sender), sender == Direction::client ? Color::cyan : Color::green,
                options_.with_colors);
  appendColored(out, fmt::format("  {:>{}}  ", size, size_width_), Color::dim, options_.with_colors);
}

void ConversationTable::appendMessage(std::string& out, const ConversationMessage& message) const {
  appendColumns(out, message.connection, message.time_ns, message.direction,
                fmt::to_string(message.message.size()));
  std::string head;
  appendTextHead(head, message.message, message_table_);
  const Color color = colorOf(message, messageTypeName(message.message.type(), message_table_));
  if (options_.abbreviate) {
    appendColored(out, head, color, options_.with_colors);
    out += '(';
    appendAbbreviatedText(out, toValues(message.message));
    out += ")\n";
    return;
  }
  std::string text = toText(message.message, message_table_);
  appendColored(out, head, color, options_.with_colors);
  out += std::string_view(text).substr(head.size());
  out += '\n';
}

void ConversationTable::appendEnd(std::string& out, std::uint32_t connection, Direction sender,
                                  const ConversationEnd& end) const {
  appendColumns(out, connection, end.time_ns, sender, "");
  const bool is_reset = end.how == StreamEnd::reset;
  appendColored(out, is_reset ? "resets the connection" : "closes", is_reset ? Color::red : Color::yellow,
                options_.with_colors);
  out += '\n';
}

}  // namespace jitrig
