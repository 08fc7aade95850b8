#pragma once

#include <optional>

#include "scenarios/fault/fault_firing.h"
#include "scenarios/record/recorded_stream.h"

namespace jitrig {

/// A fault that fired, whom it befell, and what it can do to them, as far as judging has to know.
struct RecordedFault {
  FaultFiring firing;
  /// The end around which it stands; nullopt: no single one (a refusal, a persona that was paused), or one
  /// that no persona had.
  std::optional<EndReference> end;
  bool breaks = true;  ///< a connection ends, or bytes never come, or no connection comes about
  bool alters = true;  ///< what is received is not what was sent
  bool delays = true;  ///< what was sent comes later: somebody may lose patience
};

}  // namespace jitrig
