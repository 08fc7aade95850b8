// jitrig show: the messages of a capture file, as text or JSON.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "capture/capture_file.h"
#include "capture/conversation.h"
#include "cli/announcement_options.h"
#include "cli/conversation_table.h"
#include "cli/load_conversation.h"
#include "cli/release_options.h"
#include "cli/standard_error.h"
#include "cli/standard_output.h"
#include "cli/terminal_colors.h"
#include "cli/verbs.h"
#include "protocol/catalogue/message_json.h"
#include "protocol/catalogue/message_text.h"

namespace jitrig {
namespace {

constexpr const char* kDescription = "The messages of a capture file (pcap, pcapng), as text or JSON";
constexpr const char* kFooter =
    R"(Columns of the text: connection (from 0, by first packet), seconds since the file's first packet, who sent it,
size in bytes, the message. A line of JSON has connection, time_ns, direction, and the message as decode --json
prints it. Connections that are not this protocol are named on the standard error and passed over, whatever
their port; so is TLS. Filters of different kinds must all match; of one kind, any.

A damaged file shows what is whole, and a warning for each thing that was lost. Exit status: 0 fine, 2 wrong
usage, 3 the file cannot be read, or there was a warning.

Examples:
  jitrig show capture.pcap
  jitrig show --connection 1 --type compilationRequest --type compilationFailure capture.pcap
  jitrig show --json --direction client capture.pcap | jitrig encode -)";

struct Options {
  std::string file;
  ProtocolOptions protocol;
  ReleaseOptions release;
  std::vector<std::uint32_t> connections;
  std::vector<std::string> types;
  std::optional<std::string> direction;
  std::string color = "auto";
  bool full = false;
  bool json = false;
};

[[noreturn]] void throwWrongUsage(const std::string& message) {
  throw CommandError(ExitStatus::wrongUsage, message);
}

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::ranges::find(all, one) != all.end();
}

/// Which messages are asked for. What is empty matches everything.
struct Filter {
  std::vector<std::uint32_t> connections;
  std::vector<std::string> types;
  std::optional<Direction> direction;

  bool matches(std::uint32_t connection) const {
    return connections.empty() || contains(connections, connection);
  }
  bool matches(Direction sender) const { return !direction || *direction == sender; }
  bool matches(const ConversationMessage& message, const MessageTable& table) const {
    return matches(message.connection) && matches(message.direction) &&
           (types.empty() || contains(types, messageTypeName(message.message.type(), table)));
  }
};

/// Numbers ("#67") become names if they have one.
std::string checkedType(const std::string& name, const MessageTable& table) {
  if (name.starts_with('#')) {
    std::uint16_t number = 0;
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + 1, end, number);
    if (parsed.ec == std::errc{} && parsed.ptr == end) return messageTypeName(number, table);
  } else if (table.find(name) != nullptr) {
    return name;
  }
  throwWrongUsage(fmt::format("--type: release {}, {} build, has no message type '{}'", table.release().name,
                              toString(table.build()), name));
}

Filter makeFilter(const Options& options, const MessageTable& table) {
  Filter filter;
  filter.connections = options.connections;
  for (const std::string& type : options.types) filter.types.push_back(checkedType(type, table));
  if (!options.direction) return filter;
  if (*options.direction != "client" && *options.direction != "server") {
    throwWrongUsage(
        fmt::format("--direction: unknown word '{}'; expected client or server", *options.direction));
  }
  filter.direction = *options.direction == "client" ? Direction::client : Direction::server;
  return filter;
}

void requireConnections(const Options& options, const Conversation& conversation) {
  const std::size_t count = conversation.connections.size();
  for (const std::uint32_t connection : options.connections) {
    if (connection < count) continue;
    throwWrongUsage(fmt::format("--connection: {} has no connection {}; it has {} of them, counted from 0",
                                options.file, connection, count));
  }
}

/// One side's end of a connection.
struct EndRow {
  std::uint32_t connection;
  Direction sender;
  ConversationEnd end;
};

/// In the order of time.
std::vector<EndRow> matchingEnds(const Conversation& conversation, const Filter& filter) {
  std::vector<EndRow> rows;
  if (!filter.types.empty()) return rows;
  for (const ConversationConnection& connection : conversation.connections) {
    if (connection.kind != ConnectionKind::jitserver || !filter.matches(connection.index)) continue;
    for (const Direction sender : {Direction::client, Direction::server}) {
      const ConversationEnd& end = connection.end(sender);
      if (end.how != StreamEnd::open && filter.matches(sender))
        rows.push_back({connection.index, sender, end});
    }
  }
  std::ranges::sort(
      rows, {}, [](const EndRow& row) { return std::tuple(row.end.time_ns, row.connection, row.sender); });
  return rows;
}

void printText(const Conversation& conversation, const Filter& filter, const MessageTable& table,
               const ConversationTableOptions& options) {
  const ConversationTable rows(conversation, table, options);
  StandardOutput output;
  for (const ConversationConnection& connection : conversation.connections) {
    if (connection.kind != ConnectionKind::jitserver || !filter.matches(connection.index)) continue;
    rows.appendConnection(output.text(), connection);
  }
  if (!output.text().empty()) output.text() += '\n';

  const std::vector<EndRow> ends = matchingEnds(conversation, filter);
  auto end = ends.begin();
  for (const ConversationMessage& message : conversation.messages) {
    if (!filter.matches(message, table)) continue;
    for (; end != ends.end() && end->end.time_ns < message.time_ns; ++end) {
      rows.appendEnd(output.text(), end->connection, end->sender, end->end);
    }
    rows.appendMessage(output.text(), message);
    if (!output.flushIfLarge()) return;
  }
  for (; end != ends.end(); ++end) rows.appendEnd(output.text(), end->connection, end->sender, end->end);
  output.flush();
}

void printJson(const Conversation& conversation, const Filter& filter, const MessageTable& table) {
  StandardOutput output;
  for (const ConversationMessage& message : conversation.messages) {
    if (!filter.matches(message, table)) continue;
    fmt::format_to(std::back_inserter(output.text()), R"({{"connection":{},"time_ns":{},"direction":"{}",)",
                   message.connection, message.time_ns, toString(message.direction));
    appendJsonMembers(output.text(), message.message, table);
    output.text() += "}\n";
    if (!output.flushIfLarge()) return;
  }
  output.flush();
}

ExitStatus show(const Options& options) {
  const auto dialect = loadDialect(options.release, {}, options.protocol);
  const auto& table = dialect->table;
  const Filter filter = makeFilter(options, *table);
  const bool with_colors = wantsColors(options.color);
  const auto file = readCaptureFile(options.file);
  if (!file) throw CommandError(ExitStatus::unreadableInput, file.error());
  const Conversation conversation = conversationFromCapture(*file, *dialect);
  requireConnections(options, conversation);
  if (options.json) {
    printJson(conversation, filter, *table);
  } else {
    printText(conversation, filter, *table, {.with_colors = with_colors, .abbreviate = !options.full});
  }
  const bool anything_lost = explainConversation("show", options.file, conversation);
  if (const std::string hint = betterDialectHint(*file, conversation, *dialect); !hint.empty()) {
    const char* what = conversation.messages.empty() ? "no messages" : "other names of messages may be meant";
    throw CommandError(ExitStatus::unreadableInput, fmt::format("{}: {}. {}", options.file, what, hint));
  }
  return anything_lost ? ExitStatus::unreadableInput : ExitStatus::fine;
}

}  // namespace

void addShow(CLI::App& jitrig, VerbAction& action) {
  CLI::App* verb = jitrig.add_subcommand("show", kDescription);
  const auto options = std::make_shared<Options>();
  verb->footer(kFooter);
  verb->add_option("file", options->file, "the capture, or - for the standard input")
      ->type_name("FILE|-")
      ->required();
  verb->add_option("--connection", options->connections, "only this connection; may be repeated")
      ->type_name("N")
      ->allow_extra_args(false);
  verb->add_option("--type", options->types, "only messages of this type (or #67); may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  verb->add_option("--direction", options->direction, "only what this side sent")->type_name("client|server");
  addProtocolOptions(*verb, options->protocol);
  addReleaseOptions(*verb, options->release);
  verb->add_flag("--full", options->full, "do not abbreviate long data");
  addColorOption(*verb, options->color);
  verb->add_flag("--json", options->json, "one JSON object per message");
  verb->callback([options, &action] { action = [options] { return show(*options); }; });
}

}  // namespace jitrig
