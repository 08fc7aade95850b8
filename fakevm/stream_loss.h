#pragma once

#include "protocol/stream/stream_exceptions.h"

namespace jitrig {

/// Why a compilation lost its stream, or never had one.
struct StreamLoss {
  StreamFailure::Cause cause = StreamFailure::Cause::network;
  NetErrc net_error = NetErrc::other;
  /// It was the next message's first read that failed, not a write, nor the rest of a message.
  bool first_read = false;

  bool noConnection() const { return cause == StreamFailure::Cause::connect; }
  /// The server may live, and merely be slow.
  bool timedOut() const { return cause == StreamFailure::Cause::timeout; }
};

}  // namespace jitrig
