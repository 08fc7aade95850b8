#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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

  /// Becomes another message without values, which takes no storage where the one before had as much.
  void start(std::int32_t type, std::uint64_t version = 0);

  std::int32_t type() const;
  /// configuration << 32 | major << 24 | minor << 8; 0 if it says nothing of it.
  std::uint64_t version() const;

  /// Its values: tagged_value.h writes and reads them. As protobuf has them, which is asked for them only
  /// here. Until values are added otherwise.
  JITServer::AnyData& data();
  const JITServer::AnyData& data() const;

  /// For args_protobuf.h: the values as on the wire, one after the other; nullopt if only protobuf has them.
  std::optional<std::span<const std::byte>> encodedValues() const;
  /// Room behind them, to be filled at once.
  std::byte* addEncodedValues(std::size_t size_bytes);

  /// Of the frame, size field included.
  std::size_t size() const;
  /// The frame, size field included. Throws std::length_error if it has more than 2 GB, which protobuf cannot
  /// write.
  std::vector<std::byte> serialize() const;
  /// The same in place of what `frame` had, whose storage is used again.
  void serialize(std::vector<std::byte>& frame) const;

  /// Of one whole frame, size field included. The error's offset counts from there. Its values are read where
  /// they are asked for.
  static ProtobufResult<JitaasMessage> parse(std::span<const std::byte> frame,
                                             const ProtobufLimits& limits = {});
  /// The same: becomes what the frame says, in the storage of the message before. After an error it has no
  /// values. The frame must not lie in the message itself (encodedValues(), data(), views of getArgs).
  ProtobufResult<void> read(std::span<const std::byte> frame, const ProtobufLimits& limits = {});
  /// The same for whoever asks for data(): protobuf reads it at once.
  static ProtobufResult<JitaasMessage> parseWithData(std::span<const std::byte> frame,
                                                     const ProtobufLimits& limits = {});

 private:
  struct Generated;

  ProtobufResult<void> readWithProtobuf(std::span<const std::byte> valid_frame);
  JITServer::J9ClientMessage& generated() const;

  std::int32_t type_ = 0;
  std::uint64_t version_ = 0;
  bool is_encoded_ = true;
  std::vector<std::byte> values_;  ///< if it is encoded
  /// What protobuf has of it: all if it is not encoded.
  mutable std::unique_ptr<Generated> generated_;
};

}  // namespace jitrig
