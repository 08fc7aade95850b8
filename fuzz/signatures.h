#pragma once

#include "fuzz/fuzz_target.h"
#include "protocol/wire/message.h"

namespace jitrig::fuzz {

/// checkTypedRead() for some fifty signatures: each wire type in each C++ type that it has, nested ones, and
/// those of real messages.
void checkSignatures(const Expected<MessageView>& message, const Expected<Message>& canonical,
                     InputBytes bytes, const ParseOptions& options);

}  // namespace jitrig::fuzz
