#pragma once

#include <string>

#include "capture/conversation.h"
#include "protocol/catalogue/message_table.h"

namespace jitrig {

/// Reads a capture for playing: its warnings and the connections of other protocols are named on the standard
/// error, each line beginning with the path. Throws CommandError (unreadableInput) if nothing can be played.
Conversation loadConversation(const std::string& path, const MessageTable& table);

}  // namespace jitrig
