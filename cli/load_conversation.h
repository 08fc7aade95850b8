#pragma once

#include <string>
#include <string_view>

#include "capture/capture_file.h"
#include "capture/conversation.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// Names on the standard error what of a capture is left out, and why, in lines that begin with "jitrig
/// <verb>: <path>: ". True if anything was lost; connections of other protocols are no loss.
bool explainConversation(std::string_view verb, const std::string& path, const Conversation& conversation);

/// How a capture can be read that `dialect` does not fit: where `file` holds no message of the generation
/// that it speaks but of the other, and where the peers announced another release of the older generation.
/// "It looks like …: try --protocol …". Empty otherwise.
std::string betterDialectHint(const CaptureFile& file, const Conversation& conversation,
                              const Dialect& dialect);

/// Reads a capture for playing, and explains it as above, for the verb `verb`. Throws CommandError
/// (unreadableInput) if nothing can be played.
Conversation loadConversation(std::string_view verb, const std::string& path, const Dialect& dialect);

}  // namespace jitrig
