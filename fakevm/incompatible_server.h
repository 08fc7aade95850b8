#pragma once

#include "protocol/runtime/instant.h"

namespace jitrig {

/// A server that called the client's version incompatible is left alone for a while, then tried once more:
/// another one may have taken its place. One for all threads of a VM.
class IncompatibleServer {
 public:
  explicit IncompatibleServer(Duration pause) : pause_(pause) {}

  /// It called the version incompatible.
  void refused(Instant now) { paused_until_ = now + pause_; }
  /// Whether it is to be left alone.
  bool paused(Instant now) const { return now < paused_until_; }
  Instant pausedUntil() const { return paused_until_; }

 private:
  Duration pause_;
  Instant paused_until_;
};

}  // namespace jitrig
