#include "protocol/runtime/simulation/simulated_selector.h"

#include <algorithm>
#include <fmt/core.h>
#include <stdexcept>
#include <utility>

#include "protocol/runtime/simulation/race_annotations.h"

namespace jitrig::simulation {

class SimulatedSelector::Watch final : public ReadinessObserver {
 public:
  Watch(SimulatedSelector& selector, Waitable& waitable, ReadinessSource& source, std::uint64_t number)
      : selector_(selector), waitable_(waitable), source_(source), number_(number) {}
  ~Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void begin() { source_.setObserver(this); }
  void end() { source_.setObserver(nullptr); }
  void readinessChanged() override { selector_.noteChanged(*this); }

  bool isReady() const { return source_.readyNow(); }
  Waitable& waitable() const { return waitable_; }
  std::uint64_t number() const { return number_; }

  bool noted = false;  ///< stands in changed_

 private:
  SimulatedSelector& selector_;
  Waitable& waitable_;
  ReadinessSource& source_;
  const std::uint64_t number_;
};

SimulatedSelector::SimulatedSelector(Scheduler& scheduler, std::string name)
    : scheduler_(scheduler), name_(std::move(name)), registering_(scheduler, "of selector " + name_) {}

SimulatedSelector::~SimulatedSelector() {
  const SimulatorSection section;
  // In the order of adding: taking a watch off a pipe is a scheduling decision.
  std::vector<Watch*> in_order;
  for (const auto& [waitable, watch] : watches_) in_order.push_back(watch.get());
  std::ranges::sort(in_order, {}, &Watch::number);
  for (Watch* watch : in_order) forget(*watch);
}

void SimulatedSelector::add(Waitable& waitable) {
  const SimulatorSection section;
  scheduler_.begin(Call::quick, "Selector::add");
  auto* source = dynamic_cast<ReadinessSource*>(&waitable);
  if (source == nullptr) {
    throw std::logic_error(fmt::format("selector \"{}\" cannot watch \"{}\": it is not of this Runtime",
                                       name_, waitable.name()));
  }
  const Lock lock(registering_);
  auto& watch = watches_[&waitable];
  if (watch != nullptr) return;
  watch = std::make_unique<Watch>(*this, waitable, *source, next_number_++);
  watch->begin();
  noteChanged(*watch);  // it may have been ready before
}

void SimulatedSelector::remove(Waitable& waitable) {
  const SimulatorSection section;
  if (scheduler_.isOver()) return;
  scheduler_.begin(Call::noexcept_, "Selector::remove");
  const Lock lock(registering_);
  const auto found = watches_.find(&waitable);
  if (found != watches_.end()) forget(*found->second);
}

std::vector<Waitable*> SimulatedSelector::wait(Instant deadline) {
  const SimulatorSection section;
  scheduler_.begin(Call::blocking, "Selector::wait");
  const WaitPlace place{.doing = "waits at selector", .name = &name_};
  for (WakeUp woken_by = WakeUp::notified;;) {
    std::vector<Waitable*> ready = takeReady();
    acquireFrom(this);
    if (!ready.empty()) return ready;
    if (std::exchange(woken_, false)) return {};
    if (woken_by == WakeUp::deadline || woken_by == WakeUp::worldEnded) return {};
    // Other tasks may have run since takeReady() looked.
    if (changed_.empty()) woken_by = waiting_.wait(scheduler_, place, deadline, AtWorldEnd::throws);
  }
}

void SimulatedSelector::wake() {
  const SimulatorSection section;
  if (scheduler_.isOver()) return;
  scheduler_.begin(Call::noexcept_, "Selector::wake");
  releaseTo(this);
  woken_ = true;
  waiting_.notifyAll(scheduler_);
}

void SimulatedSelector::noteChanged(Watch& watch) {
  const SimulatorSection section;
  releaseTo(this);
  if (!std::exchange(watch.noted, true)) changed_.push_back(&watch);
  waiting_.notifyAll(scheduler_);
}

std::vector<Waitable*> SimulatedSelector::takeReady() {
  if (changed_.empty()) return {};
  const Lock lock(registering_);
  std::vector<Watch*> candidates = std::exchange(changed_, {});
  for (Watch* watch : candidates) watch->noted = false;
  std::erase_if(candidates, [](const Watch* watch) { return !watch->isReady(); });
  std::ranges::sort(candidates, {}, &Watch::number);
  std::vector<Waitable*> ready;
  for (Watch* watch : candidates) {
    ready.push_back(&watch->waitable());
    forget(*watch);
  }
  return ready;
}

void SimulatedSelector::forget(Watch& watch) {
  const auto found = watches_.find(&watch.waitable());
  std::unique_ptr<Watch> ending = std::move(found->second);
  watches_.erase(found);
  ending->end();  // from here on it is not told of changes
  if (ending->noted) std::erase(changed_, ending.get());
}

}  // namespace jitrig::simulation
