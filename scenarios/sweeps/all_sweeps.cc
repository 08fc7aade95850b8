#include "scenarios/sweeps/all_sweeps.h"

#include <vector>

namespace jitrig {

std::span<const Sweep> sweeps() {
  static const std::vector<Sweep> kSweeps{kBreakSweep,        kInterruptionSweep, kGoodbyeSweep,
                                          kFirstMessageSweep, kWrongPeerSweep,    kSegmentationSweep};
  return kSweeps;
}

}  // namespace jitrig
