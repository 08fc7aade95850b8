#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "protocol/runtime/net_error.h"

namespace jitrig {

/// Numbers of message types on our side of the gRPC backend. On the wire a client says none, and a server
/// only compilationCode and its queries: the others are those that the release grpc_2019 has for our frames
/// alone.
struct CompileFrameType {
  static constexpr std::int32_t kCompilationCode = 0;
  static constexpr std::int32_t kCompilationFailure = 4;
  static constexpr std::int32_t kCompilationRequest = 5;
  static constexpr std::int32_t kCompilationInterrupted = 6;
  static constexpr std::int32_t kClientSessionTerminate = 7;
  static constexpr std::int32_t kConnectionTerminate = 8;
};

// A frame of the sockets backend (protocol/jitaas), size field included, as one of the gRPC backend's
// messages and back, without protobuf: both have their values in a field `data` of the same number, which is
// copied as it is, and only what stands around it differs. What the values are is judged above, where frames
// are read.
//
// Every message of a conversation passes here: what has to be made is made in `room`, which is used again.
// Errors have NetErrc::other, and the offset of what is wrong.

/// What a frame's message says. The bytes are the frame's, which has to outlive it.
struct CompileFrame {
  std::int32_t type = 0;               ///< 0 if it says none: protobuf leaves zeros out
  std::span<const std::byte> message;  ///< all of it
  std::span<const std::byte> data;     ///< the field of its values, with its key; if it has one, the last one
  std::size_t data_fields = 0;         ///< 1, unless values come in pieces or not at all
};

/// Of one whole frame, whose size field has been looked at: the offset of an error counts from there.
NetResult<CompileFrame> readCompileFrame(std::span<const std::byte> frame);

/// J9ClientMessage: status true and the values; status false and none of them for compilationInterrupted.
std::span<const std::byte> clientMessageOf(const CompileFrame& frame, std::vector<std::byte>& room);

/// What a client's message is a frame of: of `type`, since it does not say one itself, with `version` unless
/// that is 0; of compilationInterrupted if its status is false. Returns the frame's type.
NetResult<std::int32_t> clientFrameOf(std::span<const std::byte> message, std::int32_t type,
                                      std::uint64_t version, std::vector<std::byte>& frame);

/// J9ServerMessage: part of the frame's bytes, but a failure is a compilationCode that has nothing but the
/// status.
std::span<const std::byte> serverMessageOf(const CompileFrame& frame, std::vector<std::byte>& room);

/// The reverse: a compilationCode without strings and containers is a compilationFailure. Returns the frame's
/// type.
NetResult<std::int32_t> serverFrameOf(std::span<const std::byte> message, std::vector<std::byte>& frame);

/// Whether a server's message of this type ends its compilation.
constexpr bool endsCompilation(std::int32_t type) {
  return type == CompileFrameType::kCompilationCode || type == CompileFrameType::kCompilationFailure;
}

}  // namespace jitrig
