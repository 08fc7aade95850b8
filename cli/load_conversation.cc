#include "cli/load_conversation.h"

#include <fmt/format.h>

#include "cli/exit_status.h"
#include "cli/standard_error.h"
#include "scenarios/file/older_generation.h"

namespace jitrig {

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

std::string otherGenerationHint(const CaptureFile& file, const Conversation& conversation,
                                const Dialect& dialect) {
  if (!conversation.messages.empty()) return "";
  const bool is_older = dialect.format != nullptr;
  const auto other = is_older ? defaultDialect() : olderGenerationDialect({}).value_or(nullptr);
  if (!other || conversationFromCapture(file, *other).messages.empty()) return "";
  return fmt::format(". It looks like {}: try --protocol {}", is_older ? "JITServer" : "the older generation",
                     is_older ? "jitserver" : "jitaas");
}

Conversation loadConversation(std::string_view verb, const std::string& path, const Dialect& dialect) {
  const auto file = readCaptureFile(path);
  if (!file) throw CommandError(ExitStatus::unreadableInput, file.error());
  Conversation conversation = conversationFromCapture(*file, dialect);
  explainConversation(verb, path, conversation);
  if (conversation.messages.empty()) {
    throw CommandError(
        ExitStatus::unreadableInput,
        fmt::format("{}: holds no messages of {}{}", path, dialect.format == nullptr ? "JITServer" : "jitaas",
                    otherGenerationHint(*file, conversation, dialect)));
  }
  return conversation;
}

}  // namespace jitrig
