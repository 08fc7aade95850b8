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

/// Where `file` holds no message of the generation that `dialect` speaks, but of the other: ". It looks like
/// …". Empty otherwise.
std::string otherGenerationHint(const CaptureFile& file, const Conversation& conversation,
                                const Dialect& dialect);

/// Reads a capture for playing, and explains it as above, for the verb `verb`. Throws CommandError
/// (unreadableInput) if nothing can be played.
Conversation loadConversation(std::string_view verb, const std::string& path, const Dialect& dialect);

}  // namespace jitrig
