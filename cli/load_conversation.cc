#include "cli/load_conversation.h"

#include <fmt/format.h>

#include "capture/capture_file.h"
#include "cli/exit_status.h"
#include "cli/standard_error.h"

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

Conversation loadConversation(std::string_view verb, const std::string& path, const Dialect& dialect) {
  const auto file = readCaptureFile(path);
  if (!file) throw CommandError(ExitStatus::unreadableInput, file.error());
  Conversation conversation = conversationFromCapture(*file, dialect);
  explainConversation(verb, path, conversation);
  if (conversation.messages.empty()) {
    throw CommandError(
        ExitStatus::unreadableInput,
        fmt::format("{}: holds no messages of {}", path, dialect.format == nullptr ? "JITServer" : "jitaas"));
  }
  return conversation;
}

}  // namespace jitrig
