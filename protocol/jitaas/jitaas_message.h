#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "protocol/jitaas/protobuf_error.h"

namespace JITServer {  // NOLINT(readability-identifier-naming): the package of compile.proto
class AnyData;
class J9ClientMessage;
}  // namespace JITServer

namespace jitrig {

/// A message of the older generation over sockets, in either direction. A server's differs from a client's
/// only in that it never has a version, and one without is not to be told apart. Not thread-safe.
class JitaasMessage {
 public:
  explicit JitaasMessage(std::int32_t type, std::uint64_t version = 0);
  JitaasMessage(JitaasMessage&& other) noexcept;
  JitaasMessage& operator=(JitaasMessage&& other) noexcept;
  ~JitaasMessage();

  std::int32_t type() const;
  /// configuration << 32 | major << 24 | minor << 8; 0 if it says nothing of it.
  std::uint64_t version() const;

  /// Its values: args_protobuf.h and tagged_value.h write and read them.
  JITServer::AnyData& data();
  const JITServer::AnyData& data() const;

  /// Of the frame, size field included.
  std::size_t size() const;
  /// The frame, size field included. Throws std::length_error if it has more than 2 GB, which protobuf cannot
  /// write.
  std::vector<std::byte> serialize() const;

  /// Of one whole frame, size field included. The error's offset counts from there.
  static ProtobufResult<JitaasMessage> parse(std::span<const std::byte> frame,
                                             const ProtobufLimits& limits = {});

 private:
  explicit JitaasMessage(std::unique_ptr<JITServer::J9ClientMessage> message);

  std::unique_ptr<JITServer::J9ClientMessage> message_;
};

}  // namespace jitrig
