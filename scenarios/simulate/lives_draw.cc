#include "scenarios/simulate/lives_draw.h"

#include <algorithm>

namespace jitrig {
namespace {

constexpr std::uint64_t kMostCacheBytes = 60'000;  ///< of one that becomes full
constexpr std::uint64_t kMostProcesses = 9;        ///< as many VMs as there may be at first
constexpr std::uint64_t kMostMs = 4'000;           ///< until a checkpoint, and until a VM is restored

/// One of four has little memory for some time, or for several; where things go wrong it also finds none.
void drawMemory(RandomStream& random, const Profile& profile, ScenarioServer& server) {
  const bool draws = random.chance(1, 4);
  const std::uint64_t spans = drawBetween(random, 1, 3);
  std::uint64_t begin_ms = drawWild(random, 0, 1'000);
  for (std::uint64_t i = 0; i < spans; ++i) {
    const std::uint64_t end_ms = begin_ms + drawWild(random, 1, 1'000);
    const auto state = random.chance(1, 2) ? ServerMemoryState::veryLow : ServerMemoryState::low;
    const bool fails = random.chance(1, 4);
    if (draws)
      server.memory.spans.push_back({.from_ms = static_cast<std::int64_t>(begin_ms),
                                     .to_ms = static_cast<std::int64_t>(end_ms),
                                     .state = state,
                                     .fails = fails && !profile.isCalm()});
    begin_ms = end_ms + drawWild(random, 0, 1'000);
  }
}

/// One of four lives as the real client; and whoever uses an AOT cache or is checkpointed, which only such
/// ones do.
void drawLife(RandomStream& random, ScenarioVM& vm) {
  const bool as_real = random.chance(1, 4) || vm.aot.any() || vm.checkpoint;
  const bool bounded = random.chance(1, 2);
  const std::uint64_t wait_ms = drawWild(random, 1, 4'000);
  const std::uint64_t interval_ms = drawWild(random, 0, 500);
  const bool has_class_events = random.chance(1, 2);
  const std::uint64_t unloads_every = drawBetween(random, 3, 40);
  if (!as_real) return;
  vm.life.life = ClientLife::asReal;
  vm.life.reconnect_wait_ms = static_cast<std::int64_t>(wait_ms);
  if (bounded) vm.life.max_reconnect_wait_ms = static_cast<std::int64_t>(4 * wait_ms);
  vm.interval_ms = static_cast<std::int64_t>(interval_ms);
  if (!has_class_events) return;
  vm.class_events.unloads_every = unloads_every;
  vm.class_events.extends_every = unloads_every / 2;
}

/// In one world of ten some VMs take the same UID, as processes do that are restored from one image: their
/// server cannot be right then, but must live on, and so must the others.
void drawSharedUid(RandomStream& random, Scenario& scenario) {
  const bool is_shared = random.chance(1, 10);
  const std::uint64_t uid = random.draw();
  if (!is_shared) return;
  for (ScenarioVM& vm : scenario.vms) {
    if (random.chance(2, 3)) vm.client_uid = uid;
  }
}

/// Two of three are full only where they would be in reality, which is never here. Servers that keep theirs
/// in files have the same folder: the second one finds what the first one has stored. As real servers do,
/// each says who it is before anything comes from its cache.
void drawCache(RandomStream& random, bool in_files, ScenarioServer& server) {
  const bool has_one = random.chance(3, 4);
  const bool is_small = random.chance(1, 3);
  const std::uint64_t max_bytes = drawWild(random, 0, kMostCacheBytes);
  const std::uint64_t min_new_methods = drawWild(random, 1, 20);
  const std::uint64_t min_save_interval_ms = drawWild(random, 0, 1'000);
  if (!has_one) return;
  server.aot_cache.enabled = true;
  for (ScriptedCompilation& compilation : server.script->compilations) compilation.ask_session_queries = true;
  if (is_small) server.aot_cache.max_bytes = max_bytes;
  if (!in_files) return;
  server.aot_cache_folder = "shared";
  server.aot_cache.min_new_methods = min_new_methods;
  server.aot_cache.min_save_interval_ms = static_cast<std::int64_t>(min_save_interval_ms);
}

void drawCacheUse(RandomStream& random, ScenarioVM& vm) {
  const bool uses = random.chance(3, 4);
  const std::uint64_t kind = random.below(4);
  const bool map = random.chance(1, 3);
  const bool ignores_local = random.chance(3, 4);
  const bool is_other = random.chance(1, 8);
  const bool is_slow = random.chance(1, 4);
  const std::uint64_t record_ms = drawWild(random, 1, 200);
  if (!uses) return;
  vm.aot = {.load = kind != 0, .store = kind != 1, .map = map, .ignores_local = ignores_local};
  if (is_other) vm.aot.cache = "other";
  if (is_slow) vm.aot.record_ms = static_cast<std::int64_t>(record_ms);
}

/// In one world of four: most servers have a cache, and most VMs use it.
void drawAOT(RandomStream& random, Scenario& scenario) {
  const bool has_caches = random.chance(1, 4);
  const bool in_files = random.chance(1, 3);
  if (!has_caches) return;
  for (ScenarioServer& server : scenario.servers) drawCache(random, in_files, server);
  for (ScenarioVM& vm : scenario.vms) drawCacheUse(random, vm);
}

/// In one world of four some VMs are checkpointed; there is no more work for their servers than before.
/// Without permission to compile remotely before, a method is compiled locally, and by a server of another
/// release not at all, which does not happen where nothing goes wrong.
void drawCheckpoints(RandomStream& random, const Profile& profile, Scenario& scenario) {
  if (!random.chance(1, 4)) return;
  std::uint64_t processes = 0;
  for (const ScenarioVM& vm : scenario.vms) processes += vm.count;
  for (ScenarioVM& vm : scenario.vms) {
    const bool is_checkpointed = random.chance(2, 3);
    const std::uint64_t after_ms = drawWild(random, 0, kMostMs);
    const std::uint64_t pause_ms = drawWild(random, 1, kMostMs);
    const bool allows_remote = random.chance(1, 2);
    const bool is_copied = random.chance(1, 2);
    const std::uint64_t copies = drawBetween(random, 2, 4);
    const bool moves = random.chance(1, 4);
    if (!is_checkpointed) continue;
    ScenarioCheckpoint& checkpoint = vm.checkpoint.emplace();
    checkpoint.at_ms = vm.starts_ms + static_cast<std::int64_t>(after_ms);
    checkpoint.restores_ms = checkpoint.at_ms + static_cast<std::int64_t>(pause_ms);
    checkpoint.allows_remote = allows_remote || profile.isCalm();
    if (is_copied && processes + vm.count * (copies - 1) <= kMostProcesses) {
      checkpoint.copies = copies;
      processes += vm.count * (copies - 1);
      vm.compilations = std::max<std::uint64_t>(vm.compilations / copies, 1);
    }
    const ScenarioServer& other = scenario.servers.back();
    if (moves && (profile.mixed_releases || other.dialect == vm.dialect)) checkpoint.server = other.name;
  }
}

}  // namespace

void drawLives(GeneratorStreams& streams, const Profile& profile, Scenario& scenario) {
  drawAOT(streams.aot, scenario);
  drawCheckpoints(streams.checkpoints, profile, scenario);
  for (ScenarioVM& vm : scenario.vms) drawLife(streams.lives, vm);
  for (ScenarioServer& server : scenario.servers) drawMemory(streams.lives, profile, server);
  drawSharedUid(streams.lives, scenario);
}

}  // namespace jitrig
