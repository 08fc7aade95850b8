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
  /// The client sends `asked`, the server answers with `answered`. Nobody looks at them.
  BareGrpc(std::span<const std::byte> asked, std::span<const std::byte> answered);
  BareGrpc(const BareGrpc&) = delete;
  BareGrpc& operator=(const BareGrpc&) = delete;
  ~BareGrpc();

  /// There and back.
  void roundTrip();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jitrig::bench
