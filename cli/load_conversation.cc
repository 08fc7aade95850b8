#include "cli/load_conversation.h"

#include <fmt/format.h>

#include "capture/capture_file.h"
#include "cli/exit_status.h"
#include "cli/standard_error.h"

namespace jitrig {

Conversation loadConversation(const std::string& path, const MessageTable& table) {
  const auto file = readCaptureFile(path);
  if (!file) throw CommandError(ExitStatus::unreadableInput, file.error());
  Conversation conversation = conversationFromCapture(*file, table);
  for (const std::string& warning : allWarnings(conversation))
    printError(fmt::format("{}: {}", path, warning));
  for (const ConversationConnection& connection : conversation.connections) {
    if (connection.kind == ConnectionKind::jitserver || connection.kind == ConnectionKind::silent) continue;
    printError(fmt::format("{}: connection {} skipped: {}", path, connection.index, connection.description));
  }
  if (conversation.messages.empty()) {
    throw CommandError(ExitStatus::unreadableInput, fmt::format("{}: holds no JITServer messages", path));
  }
  return conversation;
}

}  // namespace jitrig
