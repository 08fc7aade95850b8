#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/grpc/compile_call.h"
#include "protocol/runtime/runtime.h"

namespace grpc {  // NOLINT(readability-identifier-naming): the library's
class Channel;
}  // namespace grpc

namespace jitrig {

/// The client's side: one call after the other, since each is one compilation.
class ClientCall : public CompileCall {
 public:
  /// Begins the next call; nothing is sent before its first message. Not while there is one.
  virtual NetResult<void> begin() = 0;
  virtual bool inCall() const = 0;

  /// Ends the call when the last message of one side has been written or read: says that no more comes, reads
  /// to the end, and takes the status. When the deadline has passed, the call is cancelled. Returns the first
  /// of the messages that still came; the others are lost.
  virtual std::optional<std::vector<std::byte>> end(Instant deadline) = 0;
};

/// On a channel to `peer`. Asynchronous underneath, with a queue of its own and a deadline for each
/// operation.
std::unique_ptr<ClientCall> makeClientCall(Runtime& runtime, std::shared_ptr<grpc::Channel> channel,
                                           std::string peer, std::string stream_name);

/// gRPC's synchronous stream: less code, and no deadlines. Those of its operations are passed over; cancel()
/// alone ends them. waitReadable() with kAtOnce knows only of what was read before.
std::unique_ptr<ClientCall> makeSynchronousClientCall(std::shared_ptr<grpc::Channel> channel,
                                                      std::string peer);

}  // namespace jitrig
