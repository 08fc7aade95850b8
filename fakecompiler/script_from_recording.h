#pragma once

#include <expected>
#include <string>

#include "capture/conversation.h"
#include "fakecompiler/script.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// The server side of a recording as a script: each recorded compilation becomes one, for its own request
/// first of all. Data points are sent as recorded, whatever the catalogue says of their types; a reply must
/// have the catalogue's types unless the recorded reply has others too. The error: nothing was compiled in
/// it.
std::expected<Script, std::string> scriptFromRecording(const Conversation& conversation,
                                                       const Dialect& dialect);

}  // namespace jitrig
