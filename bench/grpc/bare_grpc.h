#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace jitrig::bench {

/// gRPC's asynchronous API as its examples use it, and nothing else: a server thread that answers each
/// message of a call with another one, and a client in the calling thread. Each side waits at a completion
/// queue after every read and write.
class BareGrpc {
 public:
  BareGrpc() = default;
  BareGrpc(const BareGrpc&) = delete;
  BareGrpc& operator=(const BareGrpc&) = delete;
  virtual ~BareGrpc() = default;

  /// There and back.
  virtual void roundTrip() = 0;
};

/// From now on every server of the process offers gRPC's own health service, as ours do. It is written for
/// gRPC's callbacks, and so brings two threads that wait in gRPC for whatever comes.
void offerHealthService();

/// The client sends `asked`, the server answers with `answered`. Nobody looks at them.
std::unique_ptr<BareGrpc> makeBareBytes(std::span<const std::byte> asked,
                                        std::span<const std::byte> answered);

/// The generated classes, filled and read by hand on both sides: a pointer and an int32 with their tags. Each
/// side looks whether there are two values and which they are, and throws if they are not what was sent.
std::unique_ptr<BareGrpc> makeBareMessages();

}  // namespace jitrig::bench
