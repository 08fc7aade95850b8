// Progress in a budget of virtual time.

#include <algorithm>
#include <fmt/core.h>
#include <utility>

#include "protocol/runtime/simulation/race_annotations.h"
#include "protocol/runtime/simulation/report_text.h"
#include "protocol/runtime/simulation/scheduler.h"
#include "protocol/runtime/simulation/scheduler_watch.h"

namespace jitrig::simulation {

Scheduler::Watch::Watch(Scheduler& scheduler, std::string name, Duration budget)
    : scheduler_(scheduler), name_(std::move(name)), budget_(budget), since_(scheduler.now()) {
  scheduler_.watches_.push_back(this);
  scheduler_.watch_timers_.set(*this, since_ + budget_);
}

Scheduler::Watch::~Watch() {
  const SimulatorSection section;
  std::erase(scheduler_.watches_, this);
  scheduler_.watch_timers_.remove(*this);
}

void Scheduler::Watch::progress() {
  const SimulatorSection section;
  since_ = scheduler_.now();  // the timer finds it out when it fires: most progress comes long before
}

void Scheduler::Watch::fire() {
  if (since_ + budget_ > scheduler_.now()) {
    scheduler_.watch_timers_.set(*this, since_ + budget_);
  } else {
    scheduler_.standStill(*this);
  }
}

std::string Scheduler::Watch::describe() const {
  return fmt::format("\"{}\" without progress since {} (budget {})", name_, inSeconds(since_),
                     inSeconds(Instant{} + budget_));
}

std::unique_ptr<ProgressWatch> Scheduler::watchProgress(std::string name, Duration budget) {
  return std::make_unique<Watch>(*this, std::move(name), budget);
}

void Scheduler::standStill(const Watch& watch) {
  endWorld(SimulationOutcome::noProgress, watch.describe());
}

std::string Scheduler::describeWatches() const {
  std::string text;
  for (const Watch* watch : watches_) {
    if (watch->since() < now_) text += "\n  watched: " + watch->describe();
  }
  return text;
}

}  // namespace jitrig::simulation
