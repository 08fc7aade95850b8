#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "fuzz/fuzz_target.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/protobuf_error.h"

namespace jitrig::fuzz {

/// What protobuf's generated classes read in the bytes is what we read in them: no message, or one of the
/// same type, version and values, as C++ types too, and with the same bytes around them when it is written.
/// Where we are stricter the error says so.
void requireAsProtobuf(InputBytes frame);

/// A message that was another one before, of bytes or of protobuf's objects, begins anew with nothing of it.
void requireBeginsAnew(const JitaasMessage& message);
/// Such a message reads the frame of `message` as a new one does, and writes the same.
void requireReadAgain(InputBytes frame, const JitaasMessage& message);

/// An error names a field, and a place in the bytes.
void requireExplained(const ProtobufError& error, std::size_t size);

/// Both have the same field `data`, as protobuf reads it; or protobuf reads neither.
void requireSameData(InputBytes message, InputBytes other);

/// The type that protobuf reads in a whole frame; nullopt if its size or its message is none.
std::optional<std::int32_t> typeByProtobuf(InputBytes frame);

/// The type of a frame that a message over gRPC becomes, as protobuf reads it; nullopt if we refuse the
/// frame. A server's compilationCode without a string or a container is a compilationFailure.
std::optional<std::int32_t> serverTypeByProtobuf(InputBytes message);
/// A client's is of the type that is due, unless its status is false.
std::optional<std::int32_t> clientTypeByProtobuf(InputBytes message, std::int32_t due);

}  // namespace jitrig::fuzz
