#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/exit_status.h"
#include "scenarios/simulate/campaign.h"
#include "scenarios/simulate/profile.h"

namespace jitrig {

/// What `jitrig simulate` was told, checked.
struct SimulateOptions {
  std::uint64_t seed = 1;
  Profile profile;
  CampaignOptions campaign;
  bool check_digests = false;
  bool shrink = false;
  std::string write;  ///< the scenario as YAML; empty: not
  std::string trace;  ///< of a single run
  std::string trace_text;
  std::string capture;
  std::string trace_folder;  ///< of the runs that failed
  std::string expect_reached;
  bool json = false;
};

/// One seed: what it stands for, and what became of it.
ExitStatus simulateOne(const SimulateOptions& options);

/// Many seeds, in processes.
ExitStatus simulateCampaign(const SimulateOptions& options);

/// One seed that fails, made smaller.
ExitStatus simulateShrink(const SimulateOptions& options);

}  // namespace jitrig
