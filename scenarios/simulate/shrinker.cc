#include "scenarios/simulate/shrinker.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace jitrig {
namespace {

/// Tries one smaller scenario after the other, and keeps those that fail.
class Shrinker {
 public:
  Shrinker(ShrinkState state, const StillFails& still_fails, const ShrinkOptions& options)
      : state_(std::move(state)), still_fails_(still_fails), options_(options) {}

  ShrinkState run() {
    do {
      kept_in_round_ = 0;
      leaveOutParticipants();
      leaveOutWork();
      makePlain();
    } while (kept_in_round_ > 0 && !isUsedUp());
    return std::move(state_);
  }

 private:
  bool isUsedUp() const { return state_.tried >= options_.max_tries; }

  bool keepIfFails(Scenario candidate) {
    if (isUsedUp()) return false;
    ++state_.tried;
    const std::optional<std::uint64_t> seed = still_fails_(candidate);
    if (seed) {
      state_.scenario = std::move(candidate);
      state_.seed = *seed;
      ++kept_in_round_;
    }
    if (options_.on_progress) options_.on_progress(state_);
    return seed.has_value();
  }

  /// Leaves out ever smaller portions of a list, of which `least` entries must stay. `list` finds it in a
  /// scenario.
  template <class List>
  void reduceList(const List& list, std::size_t least) {
    std::size_t portion = list(state_.scenario).size();
    while (portion > 0) {
      for (std::size_t begin = 0; begin < list(state_.scenario).size() && !isUsedUp();) {
        const std::size_t size = list(state_.scenario).size();
        const std::size_t end = std::min(begin + portion, size);
        if (size - (end - begin) < least) {
          begin = end;
          continue;
        }
        Scenario candidate = state_.scenario;
        auto& entries = list(candidate);
        entries.erase(std::next(entries.begin(), static_cast<std::ptrdiff_t>(begin)),
                      std::next(entries.begin(), static_cast<std::ptrdiff_t>(end)));
        if (!keepIfFails(std::move(candidate))) begin = end;
      }
      portion = portion == 1 ? 0 : (portion + 1) / 2;
    }
  }

  /// The least number, then halves. `number` finds it in a scenario.
  template <class Number, class Value>
  void reduceNumber(const Number& number, Value least) {
    while (number(state_.scenario) != least && !isUsedUp()) {
      if (tryValue(number, least)) return;
      const Value now = number(state_.scenario);
      const auto half = static_cast<Value>(least + (now - least) / 2);
      if (half == least || half == now || !tryValue(number, half)) return;
    }
  }

  template <class Place, class Value>
  bool tryValue(const Place& place, Value value) {
    if (place(state_.scenario) == value) return false;
    Scenario candidate = state_.scenario;
    place(candidate) = std::move(value);
    return keepIfFails(std::move(candidate));
  }

  /// `change` makes a scenario smaller.
  template <class Change>
  void tryChange(const Change& change) {
    Scenario candidate = state_.scenario;
    change(candidate);
    keepIfFails(std::move(candidate));
  }

  void leaveOutParticipants() {
    reduceList([](Scenario& scenario) -> auto& { return scenario.faults; }, 0);
    reduceList([](Scenario& scenario) -> auto& { return scenario.vms; }, 1);
    leaveOutServers();
    for (std::size_t i = 0; i < state_.scenario.vms.size(); ++i) {
      reduceList([i](Scenario& scenario) -> auto& { return scenario.vms[i].misbehaviours; }, 0);
      reduceNumber([i](Scenario& scenario) -> auto& { return scenario.vms[i].count; }, std::uint64_t{1});
    }
    for (std::size_t i = 0; i < state_.scenario.servers.size(); ++i) {
      reduceList([i](Scenario& scenario) -> auto& { return scenario.servers[i].misbehaviours; }, 0);
    }
  }

  /// Each but the one that is left takes its VMs with it, unless they can go to another.
  void leaveOutServers() {
    for (std::size_t i = state_.scenario.servers.size(); i-- > 0 && state_.scenario.servers.size() > 1;) {
      Scenario candidate = state_.scenario;
      const std::string left_out = candidate.servers[i].name;
      candidate.servers.erase(std::next(candidate.servers.begin(), static_cast<std::ptrdiff_t>(i)));
      for (ScenarioVM& vm : candidate.vms) {
        if (vm.server == left_out) vm.server = candidate.servers.front().name;
        if (vm.checkpoint && vm.checkpoint->server == left_out)
          vm.checkpoint->server = candidate.servers.front().name;
      }
      keepIfFails(std::move(candidate));
    }
  }

  void leaveOutWork() {
    for (std::size_t i = 0; i < state_.scenario.vms.size(); ++i) {
      reduceNumber([i](Scenario& scenario) -> auto& { return scenario.vms[i].compilations; },
                   std::uint64_t{1});
      reduceNumber([i](Scenario& scenario) -> auto& { return scenario.vms[i].compilation_threads; },
                   std::size_t{1});
    }
    for (std::size_t i = 0; i < state_.scenario.servers.size(); ++i) {
      reduceList([i](Scenario& scenario) -> auto& { return scenario.servers[i].memory.spans; }, 0);
      reduceNumber([i](Scenario& scenario) -> auto& { return scenario.servers[i].compilation_threads; },
                   std::size_t{1});
      if (state_.scenario.servers[i].script) leaveOutOfScript(i);
    }
    leaveOutCheckpoints();
    leaveOutAOT();
    leaveOutLives();
  }

  void leaveOutCheckpoints() {
    for (std::size_t i = 0; i < state_.scenario.vms.size(); ++i) {
      const auto checkpoint = [i](Scenario& scenario) -> auto& { return scenario.vms[i].checkpoint; };
      if (!checkpoint(state_.scenario)) continue;
      tryChange([&](Scenario& scenario) { checkpoint(scenario).reset(); });
      if (!checkpoint(state_.scenario)) continue;
      reduceNumber([&](Scenario& scenario) -> auto& { return checkpoint(scenario)->copies; },
                   std::uint64_t{1});
      tryValue([&](Scenario& scenario) -> auto& { return checkpoint(scenario)->server; },
               std::optional<std::string>());
      tryValue([&](Scenario& scenario) -> auto& { return checkpoint(scenario)->allows_remote; }, true);
    }
  }

  /// A VM that uses a cache may need it to fail, and its server none; or the other way round.
  void leaveOutAOT() {
    for (std::size_t i = 0; i < state_.scenario.vms.size(); ++i) {
      const auto use = [i](Scenario& scenario) -> auto& { return scenario.vms[i].aot; };
      if (!use(state_.scenario).any()) continue;
      tryChange([&](Scenario& scenario) { use(scenario) = AOTUse{}; });
      if (!use(state_.scenario).any()) continue;
      tryValue([&](Scenario& scenario) -> auto& { return use(scenario).map; }, false);
      tryValue([&](Scenario& scenario) -> auto& { return use(scenario).record_ms; }, std::int64_t{0});
      tryValue([&](Scenario& scenario) -> auto& { return use(scenario).cache; }, AOTUse{}.cache);
    }
    for (std::size_t i = 0; i < state_.scenario.servers.size(); ++i) {
      const auto server = [i](Scenario& scenario) -> auto& { return scenario.servers[i]; };
      if (!server(state_.scenario).aot_cache.enabled) continue;
      tryChange([&](Scenario& scenario) {
        server(scenario).aot_cache = {};
        server(scenario).aot_cache_folder.clear();
      });
      tryValue([&](Scenario& scenario) -> auto& { return server(scenario).aot_cache_folder; }, std::string());
      tryValue([&](Scenario& scenario) -> auto& { return server(scenario).aot_cache.max_bytes; },
               AOTCacheOptions{}.max_bytes);
    }
  }

  /// Behind what only a VM that lives as the real client has.
  void leaveOutLives() {
    for (std::size_t i = 0; i < state_.scenario.vms.size(); ++i) {
      const auto vm = [i](Scenario& scenario) -> auto& { return scenario.vms[i]; };
      if (vm(state_.scenario).class_events.any())
        tryChange([&](Scenario& scenario) { vm(scenario).class_events = {}; });
      tryValue([&](Scenario& scenario) -> auto& { return vm(scenario).client_uid; }, std::uint64_t{0});
      if (vm(state_.scenario).aot.any() || vm(state_.scenario).checkpoint) continue;
      tryValue([&](Scenario& scenario) -> auto& { return vm(scenario).life.life; }, ClientLife::oneTry);
    }
  }

  void leaveOutOfScript(std::size_t i) {
    const auto compilations = [i](Scenario& scenario) -> auto& {
      return scenario.servers[i].script->compilations;
    };
    reduceList(compilations, 1);
    for (std::size_t k = 0; k < compilations(state_.scenario).size(); ++k) {
      reduceList([&](Scenario& scenario) -> auto& { return compilations(scenario)[k].queries; }, 0);
      tryValue([&](Scenario& scenario) -> auto& { return compilations(scenario)[k].ask_session_queries; },
               false);
    }
  }

  void makePlain() {
    tryValue([](Scenario& scenario) -> auto& { return scenario.runtimes; },
             std::vector{ScenarioRuntime::simulation});
    tryValue([](Scenario& scenario) -> auto& { return scenario.network.bandwidth_bytes_per_s; },
             std::optional<std::uint64_t>());
    tryValue([](Scenario& scenario) -> auto& { return scenario.network.segmentation; }, false);
    for (std::size_t i = 0; i < state_.scenario.vms.size(); ++i) {
      tryValue([i](Scenario& scenario) -> auto& { return scenario.vms[i].starts_ms; }, std::int64_t{0});
    }
    for (std::size_t i = 0; i < state_.scenario.servers.size(); ++i) makeServerPlain(i);
    for (std::size_t i = 0; i < state_.scenario.faults.size(); ++i) makeFaultPlain(i);
  }

  void makeServerPlain(std::size_t i) {
    tryValue([i](Scenario& scenario) -> auto& { return scenario.servers[i].starts_ms; }, std::int64_t{0});
    tryValue([i](Scenario& scenario) -> auto& { return scenario.servers[i].stops_ms; },
             std::optional<std::int64_t>());
    tryValue([i](Scenario& scenario) -> auto& { return scenario.servers[i].accept_any_version; }, false);
  }

  /// Surely and once, instead of by chance and often.
  void makeFaultPlain(std::size_t i) {
    const auto trigger = [i](Scenario& scenario) -> auto& { return scenario.faults[i].trigger; };
    tryValue([&](Scenario& scenario) -> auto& { return trigger(scenario).count; },
             std::optional<std::uint64_t>(1));
    tryValue([&](Scenario& scenario) -> auto& { return trigger(scenario).probability_ppm; },
             std::uint32_t{1'000'000});
    tryValue([&](Scenario& scenario) -> auto& { return trigger(scenario).not_before_ms; },
             std::optional<std::int64_t>());
    tryValue([&](Scenario& scenario) -> auto& { return trigger(scenario).not_after_ms; },
             std::optional<std::int64_t>());
  }

  ShrinkState state_;
  const StillFails& still_fails_;
  const ShrinkOptions& options_;
  std::uint64_t kept_in_round_ = 0;
};

}  // namespace

ScenarioSize sizeOf(const Scenario& scenario) {
  ScenarioSize size;
  size.servers = scenario.servers.size();
  size.faults = scenario.faults.size();
  for (const ScenarioVM& vm : scenario.vms) {
    size.vms += vm.count;
    size.compilations += vm.count * vm.compilations;
    size.misbehaviours += vm.misbehaviours.size();
  }
  for (const ScenarioServer& server : scenario.servers) {
    size.misbehaviours += server.misbehaviours.size();
    if (!server.script) continue;
    for (const ScriptedCompilation& compilation : server.script->compilations) {
      size.queries += compilation.queries.size();
    }
  }
  return size;
}

ShrinkState shrink(Scenario failing, std::uint64_t seed, const StillFails& still_fails,
                   const ShrinkOptions& options) {
  return Shrinker({std::move(failing), seed, 0}, still_fails, options).run();
}

}  // namespace jitrig
