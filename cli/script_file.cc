#include "cli/script_file.h"

#include "cli/exit_status.h"
#include "cli/load_conversation.h"
#include "fakecompiler/script_file.h"

namespace jitrig {

Script loadScript(const std::string& path, const Dialect& dialect) {
  auto script = readScriptFile(path, dialect, [&](const Conversation& conversation) {
    explainConversation("fakecompiler", path, conversation);
  });
  if (!script) throw CommandError(ExitStatus::unreadableInput, script.error());
  return std::move(*script);
}

}  // namespace jitrig
