#pragma once

#include "fuzz/fuzz_target.h"
#include "protocol/wire/message_view.h"

namespace jitrig::fuzz {

/// Whether the bytes are a message by the rules of the specification (wire.md, "Message" and "Data point"),
/// read one after the other and with nothing of protocol/wire: what that accepts and refuses is held against
/// it.
bool isMessageByTheRules(InputBytes bytes, const ParseOptions& options);

/// The same of a stream: whether a message may begin so, as far as it has come.
bool mayBeginMessage(InputBytes begin, const WireLimits& limits);

/// How long the message is that begins so; 0 if that has not come yet.
std::size_t announcedByTheRules(InputBytes begin);

}  // namespace jitrig::fuzz
