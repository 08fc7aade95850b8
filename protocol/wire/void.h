#pragma once

namespace jitrig {

/// Sent where there is nothing to say: a message needs at least one data point. One byte on the wire, whose
/// value means nothing (spec: wire.md, OBJECT).
struct Void {
  bool unused = false;

  /// All Voids are equal: a peer's byte is not cleared.
  friend constexpr bool operator==(Void, Void) { return true; }
};

}  // namespace jitrig
