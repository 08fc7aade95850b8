#pragma once

#include <optional>

#include "protocol/jitaas/any_data.h"
#include "protocol/jitaas/jitaas_signatures.h"
#include "protocol/jitaas/receiving_place.h"
#include "protocol/stream/message_format.h"
#include "protocol/wire/message.h"

namespace jitrig {

/// Between the values of a frame and the data points of a Message. `types` are those of the message type, or
/// nullptr where they are not known: then a value's tag says what it is, and where that says nothing, the
/// member that carries it.

/// Appends the data points of all values, whether they fit or not; there may be no more than 65,535. What
/// comes back does not fit: the first of it, with TagCheck::strict. With TagCheck::ignore the tags of values
/// that fit otherwise mean nothing, and the others are for those to find who read them.
std::optional<FormatMisfit> addDataPoints(Message& message, const JITServer::AnyData& data,
                                          const JitaasSignatures::Types* types,
                                          const JitaasSignatures& signatures, TagCheck tags);

/// Appends the values of all data points. One that is not of its type goes out as what it is.
void addFrameValues(JITServer::AnyData& data, MessageView message, const JitaasSignatures::Types* types);

}  // namespace jitrig
