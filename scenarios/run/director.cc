#include "scenarios/run/director.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace jitrig {

Director::Director(RunContext& context, Participants& participants)
    : context_(context), participants_(participants), last_progress_(context.runtime.now()) {
  scheduleScenario();
  context.faults.setPersonas(this);
}

Director::~Director() {
  context_.faults.setPersonas(nullptr);
}

/// What is due at the same time happens in this order: who ends leaves the port to who begins, and servers
/// begin before the VMs that want them.
void Director::scheduleScenario() {
  const Scenario& scenario = context_.scenario;
  const Instant begin = context_.runtime.now();
  const auto at = [&](std::int64_t time_ms) { return begin + Duration(std::chrono::milliseconds(time_ms)); };
  const auto stop = [&](std::size_t i) {
    schedule(at(*scenario.servers[i].stops_ms), [this, i] { stopServer(i); }, false);
  };
  const auto stops_later = [](const ScenarioServer& server) { return server.stops_ms > server.starts_ms; };
  for (std::size_t i = 0; i < scenario.servers.size(); ++i) {
    if (stops_later(scenario.servers[i])) stop(i);
  }
  for (std::size_t i = 0; i < scenario.servers.size(); ++i) {
    const ScenarioServer& server = scenario.servers[i];
    if (server.never_starts) continue;
    schedule(at(server.starts_ms), [this, i] { participants_.startServer(i); }, false);
    if (server.stops_ms && !stops_later(server)) stop(i);
  }
  for (std::size_t i = 0; i < scenario.vms.size(); ++i) {
    for (std::uint64_t copy = 0; copy < scenario.vms[i].count; ++copy) {
      schedule(at(scenario.vms[i].starts_ms), [this, i, copy, begin] { startVM(i, copy, begin); }, false);
    }
  }
}

void Director::startVM(std::size_t index, std::uint64_t copy, Instant begin) {
  VMProcess& vm = participants_.startVM(index, copy);
  const auto& checkpoint = context_.scenario.vms[index].checkpoint;
  if (!checkpoint) return;
  schedule(begin + std::chrono::milliseconds(checkpoint->at_ms), [&vm] { vm.checkpoint(); }, false);
  schedule(
      begin + std::chrono::milliseconds(checkpoint->restores_ms), [this, &vm] { to_restore_.push_back(&vm); },
      false);
}

/// Whoever is to be restored by now, and whose process before has ended. True: somebody was.
bool Director::restoreEnded() {
  std::vector<VMProcess*> ended;
  std::erase_if(to_restore_, [&](VMProcess* vm) {
    if (vm->hasEnded()) ended.push_back(vm);
    return vm->hasEnded();
  });
  for (VMProcess* vm : ended) {
    vm->join();
    participants_.restore(*vm);
  }
  return !ended.empty();
}

void Director::schedule(Instant when, Action action, bool undoes_fault) {
  timetable_.emplace(when, Entry{.action = std::move(action), .undoes_fault = undoes_fault});
}

void Director::post(Action action) {
  const Lock lock(*context_.mutex);
  posted_.push_back(std::move(action));
  context_.changed->notifyAll();
}

bool Director::run() {
  while (true) {
    while (performDue()) continue;
    const std::uint64_t ended = endedVMs();  // before one after the other is asked whether it has
    if (isDone() || context_.isOver()) return true;
    if (waitForNews(ended)) continue;
    // Whoever is held up by a fault has had the time to show what becomes of it. Without faults all must end.
    if (healed_) return false;
    heal();
  }
}

/// True: something was done.
bool Director::performDue() {
  std::vector<Action> actions;
  {
    const Lock lock(*context_.mutex);
    actions.swap(posted_);
  }
  const Instant now = context_.runtime.now();
  while (!timetable_.empty() && timetable_.begin()->first <= now) {
    actions.push_back(std::move(timetable_.extract(timetable_.begin()).mapped().action));
  }
  for (Action& action : actions) action();
  return restoreEnded() || !actions.empty();
}

/// What undoes a fault is not waited for: heal() does it.
bool Director::isDone() const {
  const bool busy =
      std::ranges::any_of(timetable_, [](const auto& entry) { return !entry.second.undoes_fault; });
  return !busy && to_restore_.empty() && participants_.allVMsEnded();
}

void Director::noteProgress() {
  const std::uint64_t progress = context_.progress.load();
  if (progress == seen_progress_) return;
  seen_progress_ = progress;
  last_progress_ = context_.runtime.now();
}

std::uint64_t Director::endedVMs() const {
  const Lock lock(*context_.mutex);
  return context_.ended_vms;
}

bool Director::waitForNews(std::uint64_t known_ended_vms) {
  const Duration patience = context_.simulated() ? context_.choice.patience : context_.choice.real_patience;
  noteProgress();
  // Healed, the simulation itself ends the world, and says who waits for what.
  const Instant give_up = watch_ ? kNever : last_progress_ + patience;
  const Instant next = timetable_.empty() ? kNever : timetable_.begin()->first;
  {
    Lock lock(*context_.mutex);
    const auto is_news = [&] { return !posted_.empty() || context_.ended_vms != known_ended_vms; };
    if (context_.changed->wait(lock, std::min(give_up, next), is_news)) return true;
  }
  const Instant now = context_.runtime.now();
  if (now >= next || context_.progress.load() != seen_progress_) return true;
  if (now < give_up) return true;
  last_progress_ = now;
  return false;
}

void Director::heal() {
  if (healed_) return;
  healed_ = true;
  context_.faults.setPersonas(nullptr);
  context_.faults.switchOff();
  // What a fault wanted done and nobody has begun yet will not be done; what is done will be undone.
  std::vector<Action> undone;
  {
    const Lock lock(*context_.mutex);
    posted_.clear();
  }
  for (auto entry = timetable_.begin(); entry != timetable_.end();) {
    if (entry->second.undoes_fault) undone.push_back(std::move(entry->second.action));
    entry = entry->second.undoes_fault ? timetable_.erase(entry) : std::next(entry);
  }
  for (Action& action : undone) action();
  context_.recorder.healed();
  if (context_.simulated())
    watch_ = context_.world->watchProgress("the VMs, all faults being off", context_.choice.patience);
}

void Director::stopServer(std::size_t index) {
  ServerProcess* const server = participants_.serverOf(index);
  if (server == nullptr) return;
  server->resume();
  server->stop(false);
  server->join();
}

VMProcess* Director::concernedVM() const {
  return static_cast<VMProcess*>(context_.runtime.taskLocal(kVMProcessSlot).get());
}

VMProcess* Director::chosenVM(VMProcess* concerned) {
  if (concerned != nullptr) return concerned;
  const auto found =
      std::ranges::find_if(participants_.vms(), [](const auto& vm) { return !vm->hasEnded(); });
  return found == participants_.vms().end() ? nullptr : found->get();
}

std::optional<std::size_t> Director::chosenServer(const VMProcess* concerned) {
  const auto& servers = context_.scenario.servers;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const ServerProcess* const server = participants_.serverOf(i);
    const bool is_meant = concerned == nullptr || servers[i].port == concerned->place().server_port;
    if (server != nullptr && server->lives() && is_meant) return i;
  }
  return std::nullopt;
}

void Director::pause(Direction persona, Duration duration) {
  post([this, persona, duration, concerned = concernedVM()] {
    if (persona == Direction::client) {
      if (VMProcess* const vm = chosenVM(concerned)) pauseVM(*vm, duration);
    } else if (const auto index = chosenServer(concerned)) {
      pauseServer(*participants_.serverOf(*index), duration);
    }
  });
}

void Director::pauseServer(ServerProcess& server, Duration duration) {
  server.pause();
  schedule(context_.runtime.now() + duration, [&server] { server.resume(); }, true);
}

void Director::pauseVM(VMProcess& vm, Duration duration) {
  vm.pause();
  schedule(context_.runtime.now() + duration, [&vm] { vm.resume(); }, true);
}

void Director::kill(Direction persona, std::optional<Duration> back_after) {
  post([this, persona, back_after, concerned = concernedVM()] {
    if (persona == Direction::client) {
      if (VMProcess* const vm = chosenVM(concerned)) killVM(*vm, back_after);
    } else if (const auto index = chosenServer(concerned)) {
      killServer(*index, back_after);
    }
  });
}

void Director::killServer(std::size_t index, std::optional<Duration> back_after) {
  participants_.serverOf(index)->kill();
  participants_.serverOf(index)->join();
  if (!back_after) return;
  schedule(
      context_.runtime.now() + *back_after,
      [this, index] {
        if (hasItsPort(index)) participants_.startServer(index);
      },
      true);
}

/// Whether a server may come back: its time is not over, and nobody has taken its place.
bool Director::hasItsPort(std::size_t index) {
  const std::vector<ScenarioServer>& servers = context_.scenario.servers;
  const auto stops_ms = servers[index].stops_ms;
  if (stops_ms && context_.runtime.now() >= Instant{} + std::chrono::milliseconds(*stops_ms)) return false;
  for (std::size_t other = 0; other < servers.size(); ++other) {
    const ServerProcess* const server = participants_.serverOf(other);
    if (other != index && servers[other].port == servers[index].port && server != nullptr && server->lives())
      return false;
  }
  return true;
}

/// Once per life: what one life said when it was killed may have asked for its death more than once, and two
/// lives on one host would die together, unnoticed.
void Director::killVM(VMProcess& vm, std::optional<Duration> back_after) {
  if (vm.hasEnded()) return;
  vm.kill();
  vm.join();
  if (!back_after) return;
  schedule(context_.runtime.now() + *back_after, [this, &vm] { participants_.startAgain(vm); }, false);
}

void Director::refuseConnections(Duration duration) {
  post([this, duration, concerned = concernedVM()] {
    const auto index = chosenServer(concerned);
    if (!index) return;
    ServerProcess& server = *participants_.serverOf(*index);
    server.refuseConnections(true);
    schedule(context_.runtime.now() + duration, [&server] { server.refuseConnections(false); }, true);
  });
}

void Director::cutOffServer(Duration duration) {
  post([this, duration, concerned = concernedVM()] {
    const auto index = chosenServer(concerned);
    if (!index) return;
    ServerProcess& server = *participants_.serverOf(*index);
    server.cutOff(true);
    schedule(context_.runtime.now() + duration, [&server] { server.cutOff(false); }, true);
  });
}

/// Signals are the operating system's.
void Director::signalStorm(Direction, std::uint64_t signals, Duration interval) {
  if (context_.simulated()) return;
  post([this, signals, interval] {
    context_.storm.emplace(interval);
    const Instant end = context_.runtime.now() + interval * static_cast<std::int64_t>(signals);
    schedule(end, [this] { context_.storm.reset(); }, true);
  });
}

}  // namespace jitrig
