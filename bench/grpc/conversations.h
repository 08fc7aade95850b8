#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "protocol/stream/byte_stream.h"

namespace jitrig::bench {

/// The generations of the protocol: how a message of a pointer and an int32 is written and read, and what
/// carries it.
/// With grpcFrames nothing is written and read but a frame made before: the carrier alone.
enum class Generation : std::uint8_t { raw, protobufSockets, grpc, grpcFrames };

/// A server that asks and a client that answers with the same values, in another thread.
class Conversation {
 public:
  explicit Conversation(Generation generation);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  ~Conversation();

  /// A query and its answer, from values to values. Throws std::runtime_error if it is not what was sent.
  void roundTrip();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The frames of that query and its answer.
std::vector<std::byte> jitaasQuery();
std::vector<std::byte> jitaasAnswer();

}  // namespace jitrig::bench
