#include "cli/load_conversation.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

#include "cli/exit_status.h"
#include "cli/standard_error.h"
#include "scenarios/file/older_generation.h"

namespace jitrig {
namespace {

/// A client announces its release in its first request, gRPC's too: its server says there what it accepts.
std::string otherReleaseHint(const Conversation& conversation, const Dialect& dialect) {
  const auto announces = [](const ConversationMessage& one) { return one.message.metaData().config != 0; };
  const auto first = std::ranges::find_if(conversation.messages, announces);
  if (first == conversation.messages.end()) return "";
  const std::uint32_t version = first->message.metaData().version;
  if (version == dialect.table->release().versionWord()) return "";
  const auto release = olderReleaseThatAnnounces(version);
  if (!release) return "";
  return fmt::format(
      "It looks like the release {} of the older generation: try --protocol jitaas --release {}", *release,
      *release);
}

}  // namespace

bool explainConversation(std::string_view verb, const std::string& path, const Conversation& conversation) {
  for (const ConversationConnection& connection : conversation.connections) {
    if (connection.kind == ConnectionKind::jitserver) continue;
    printError(fmt::format("jitrig {}: {}: connection {} ({} → {}) skipped: {}", verb, path, connection.index,
                           toString(connection.client), toString(connection.server), connection.description));
  }
  const std::vector<std::string> warnings = allWarnings(conversation);
  for (const std::string& warning : warnings) {
    printError(fmt::format("jitrig {}: {}: warning: {}", verb, path, warning));
  }
  return !warnings.empty();
}

std::string betterDialectHint(const CaptureFile& file, const Conversation& conversation,
                              const Dialect& dialect) {
  const bool is_older = dialect.format != nullptr;
  if (!conversation.messages.empty()) return is_older ? otherReleaseHint(conversation, dialect) : "";
  const auto other = is_older ? defaultDialect() : olderGenerationDialect({}).value_or(nullptr);
  if (!other) return "";
  const Conversation in_the_other = conversationFromCapture(file, *other);
  if (in_the_other.messages.empty()) return "";
  if (is_older) return "It looks like JITServer: try --protocol jitserver";
  const std::string hint = otherReleaseHint(in_the_other, *other);
  return hint.empty() ? "It looks like the older generation: try --protocol jitaas" : hint;
}

Conversation loadConversation(std::string_view verb, const std::string& path, const Dialect& dialect) {
  const auto file = readCaptureFile(path);
  if (!file) throw CommandError(ExitStatus::unreadableInput, file.error());
  Conversation conversation = conversationFromCapture(*file, dialect);
  explainConversation(verb, path, conversation);
  const std::string hint = betterDialectHint(*file, conversation, dialect);
  if (conversation.messages.empty()) {
    throw CommandError(
        ExitStatus::unreadableInput,
        fmt::format("{}: holds no messages of {}{}", path, dialect.format == nullptr ? "JITServer" : "jitaas",
                    hint.empty() ? "" : ". " + hint));
  }
  if (!hint.empty()) printError(fmt::format("jitrig {}: {}: {}", verb, path, hint));
  return conversation;
}

}  // namespace jitrig
