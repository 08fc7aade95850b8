#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "fuzz/fuzz_target.h"
#include "protocol/jitaas/protobuf_error.h"

namespace jitrig::fuzz {

/// What protobuf's generated classes read in the bytes is what we read in them: no message, or one of the
/// same type, version and values, as C++ types too, and with the same bytes around them when it is written.
/// Where we are stricter the error says so.
void requireAsProtobuf(InputBytes frame);

/// An error names a field, and a place in the bytes.
void requireExplained(const ProtobufError& error, std::size_t size);

/// Both have the same field `data`, as protobuf reads it; or protobuf reads neither.
void requireSameData(InputBytes message, InputBytes other);

/// The type of a frame that a message over gRPC becomes, as protobuf reads it; nullopt if we refuse the
/// frame. A server's compilationCode without a string or a container is a compilationFailure.
std::optional<std::int32_t> serverTypeByProtobuf(InputBytes message);
/// A client's is of the type that is due, unless its status is false.
std::optional<std::int32_t> clientTypeByProtobuf(InputBytes message, std::int32_t due);

}  // namespace jitrig::fuzz
