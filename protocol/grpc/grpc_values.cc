#include "protocol/grpc/grpc_values.h"

#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>
#include <mutex>
#include <string_view>
#include <utility>

namespace jitrig {
namespace {

thread_local std::string last_grpc_error;

void noteGrpcError(gpr_log_func_args* line) {
  if (line->severity == GPR_LOG_SEVERITY_ERROR) last_grpc_error = line->message;
}

/// As gRPC's documentation of status codes has them.
std::string_view nameOf(grpc::StatusCode code) {
  static constexpr std::array<std::string_view, 17> kNames = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(code);
  return index < kNames.size() ? kNames.at(index) : "unknown status";
}

/// UNAVAILABLE stands for a server that is not there and for one that is gone; its text tells them apart.
NetErrc codeOf(const grpc::Status& status) {
  const std::string text = status.error_message();
  const auto says = [text](std::string_view word) { return text.find(word) != std::string_view::npos; };
  switch (status.error_code()) {
    case grpc::StatusCode::OK: return NetErrc::endOfFile;
    case grpc::StatusCode::CANCELLED: return NetErrc::reset;
    case grpc::StatusCode::DEADLINE_EXCEEDED: return NetErrc::timedOut;
    case grpc::StatusCode::RESOURCE_EXHAUSTED: return NetErrc::limit;
    case grpc::StatusCode::UNAVAILABLE: break;
    default: return NetErrc::other;
  }
  if (says("Ssl handshake") || says("SSL") || says("ssl") || says("Peer name")) return NetErrc::tls;
  if (says("Connection refused")) return NetErrc::refused;
  if (says("failed to connect") || says("DNS resolution failed")) return NetErrc::unreachable;
  return NetErrc::reset;
}

}  // namespace

grpc::ByteBuffer byteBufferOf(std::span<const std::byte> bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return {&slice, 1};
}

void copyBytes(const grpc::ByteBuffer& buffer, std::vector<std::byte>& bytes) {
  bytes.clear();
  const auto add = [&bytes](const grpc::Slice& slice) {
    const auto* begin = reinterpret_cast<const std::byte*>(slice.begin());
    bytes.insert(bytes.end(), begin, begin + slice.size());
  };
  grpc::Slice single;
  if (buffer.TrySingleSlice(&single).ok()) {  // nearly always
    add(single);
    return;
  }
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) add(slice);
}

gpr_timespec deadlineOf(Runtime& runtime, Instant deadline) {
  if (deadline == kNever) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const gpr_timespec present = gpr_now(GPR_CLOCK_MONOTONIC);
  const Instant now = deadline == kAtOnce ? kAtOnce : runtime.now();
  if (deadline <= now) return present;
  return gpr_time_add(present, gpr_time_from_nanos((deadline - now).count(), GPR_TIMESPAN));
}

NetError netErrorOf(const grpc::Status& status, const std::string& peer) {
  const NetErrc code = codeOf(status);
  if (code == NetErrc::endOfFile) return {code, fmt::format("call of {}: it ended with OK", peer)};
  return {code, fmt::format("call of {}: {}: {}", peer, nameOf(status.error_code()), status.error_message())};
}

std::string peerNameOf(const std::string& grpc_uri) {
  std::string name = grpc_uri;
  for (const std::string_view scheme : {"ipv4:", "ipv6:"}) {
    if (name.starts_with(scheme)) name.erase(0, scheme.size());
  }
  for (const auto& [code, character] :
       {std::pair{"%5B", "["}, std::pair{"%5D", "]"}, std::pair{"%25", "%"}}) {
    if (const auto found = name.find(code); found != std::string::npos) name.replace(found, 3, character);
  }
  return name;
}

void quietGrpc() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function(noteGrpcError);
  });
}

std::string takeGrpcError() {
  return std::exchange(last_grpc_error, {});
}

}  // namespace jitrig
