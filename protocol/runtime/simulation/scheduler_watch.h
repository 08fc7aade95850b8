#pragma once

#include <string>

#include "protocol/runtime/simulation/scheduler.h"

namespace jitrig::simulation {

/// Its timer runs out when nobody said progress() for the budget.
class Scheduler::Watch final : public ProgressWatch, public Timer {
 public:
  Watch(Scheduler& scheduler, std::string name, Duration budget);
  ~Watch() override;

  void progress() override;
  void fire() override;

  Instant since() const { return since_; }
  std::string describe() const;

 private:
  Scheduler& scheduler_;
  const std::string name_;
  const Duration budget_;
  Instant since_;  // of the latest progress
};

}  // namespace jitrig::simulation
