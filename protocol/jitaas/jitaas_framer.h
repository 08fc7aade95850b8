#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "protocol/jitaas/protobuf_error.h"

namespace jitrig {

/// Bytes in, in any segmentation; whole frames out, for JitaasMessage::parse; what is beyond the last whole
/// frame waits for the next bytes. No I/O. Memory grows with the bytes that arrived, never with an announced
/// size alone. Not thread-safe.
class JitaasFramer {
 public:
  explicit JitaasFramer(const ProtobufLimits& limits = {}) : limits_(limits) {}

  /// What has arrived.
  void append(std::span<const std::byte> bytes);

  /// True: `frame` holds the next one, size field included. False: it has not all arrived. An error is final:
  /// every later call says the same.
  ProtobufResult<bool> next(std::vector<std::byte>& frame);

  /// Bytes that belong to frames not yet taken out by next(): after the peer's end of stream, more than none
  /// is a frame cut off.
  std::size_t bufferedBytes() const { return buffer_.size() - begin_; }

  /// How long the frame being received will be, size field included; empty before that has come.
  ProtobufResult<std::optional<std::size_t>> announced() const;

 private:
  ProtobufLimits limits_;
  std::vector<std::byte> buffer_;  // from begin_ on: what has arrived and not been taken
  std::size_t begin_ = 0;
};

}  // namespace jitrig
