#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "protocol/runtime/net_error.h"
#include "protocol/runtime/runtime.h"

struct gpr_timespec;
namespace grpc {  // NOLINT(readability-identifier-naming): the library's
class ByteBuffer;
class Status;
}  // namespace grpc

namespace jitrig {

/// In the metadata of a call: CompileClientOptions::stream_name.
inline constexpr const char* kStreamNameKey = "jitrig-stream";

/// gRPC's values and ours.
grpc::ByteBuffer byteBufferOf(std::span<const std::byte> bytes);
/// In place of what `bytes` had.
void copyBytes(const grpc::ByteBuffer& buffer, std::vector<std::byte>& bytes);

/// On gRPC's monotonic clock; the infinite future for kNever, now for what has passed.
gpr_timespec deadlineOf(Runtime& runtime, Instant deadline);

/// Why a call of ours ended: NetErrc::endOfFile if its status is OK.
NetError netErrorOf(const grpc::Status& status, const std::string& peer);

/// "127.0.0.1:51034" for "ipv4:127.0.0.1:51034", "[::1]:51034" for "ipv6:%5B::1%5D:51034".
std::string peerNameOf(const std::string& grpc_uri);

/// gRPC writes what it thinks of peers to standard error. Afterwards only who asks for it by GRPC_VERBOSITY
/// sees that; takeGrpcError() has the last error of the calling thread, since some are told nowhere else.
void quietGrpc();
std::string takeGrpcError();

}  // namespace jitrig
