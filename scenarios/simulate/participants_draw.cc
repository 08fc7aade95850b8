#include "scenarios/simulate/participants_draw.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <stdexcept>

#include "protocol/catalogue/catalogue.h"
#include "scenarios/simulate/script_draw.h"

namespace jitrig {
namespace {

/// Of a run in which nothing breaks.
constexpr std::uint64_t kLeastMessages = 1'000;
constexpr std::uint64_t kMostMessages = 2'000;

constexpr std::uint16_t kFirstPort = 38400;
constexpr std::uint64_t kMaxDrawnStartMs = 400;

/// Releases that differ in what matters: data points of compilationFailure, configuration, numbers.
constexpr std::array<std::string_view, 4> kDrawnReleases{"0.24.0", "0.30.0", "0.51.0", "0.60.0"};

std::shared_ptr<const Dialect> dialectOf(std::string_view release) {
  static std::map<std::string, std::shared_ptr<const Dialect>, std::less<>> known;
  const auto found = known.find(release);
  if (found != known.end()) return found->second;
  const auto table = Catalogue::builtIn().table(release);
  if (!table) throw std::logic_error(table.error());  // the names above are in the built-in catalogue
  auto dialect = Dialect::make(*table, (*table)->release().defaultVersion());
  if (!dialect) throw std::logic_error(dialect.error());
  return known.emplace(release, *dialect).first->second;
}

std::shared_ptr<const Dialect> drawDialect(RandomStream& random) {
  if (!random.chance(1, 5)) return defaultDialect();
  return dialectOf(drawOne<std::string_view>(random, kDrawnReleases));
}

ScenarioServer drawServer(GeneratorStreams& streams, std::size_t number) {
  RandomStream& random = streams.participants;
  ScenarioServer server;
  server.name = number == 0 ? "server" : fmt::format("server{}", number + 1);
  server.dialect = drawDialect(random);
  server.accept_any_version = random.chance(1, 10);
  server.script = drawScript(streams.scripts, server.dialect);
  server.compilation_threads = drawWild(random, 1, 8);
  server.port = static_cast<std::uint16_t>(kFirstPort + number);
  return server;
}

/// The second server takes the first one's place and port: a restart, perhaps with another release.
void makeSuccessor(RandomStream& random, const Profile& profile, Scenario& scenario) {
  ScenarioServer& first = scenario.servers[0];
  ScenarioServer& second = scenario.servers[1];
  if (!profile.persona_faults || !random.chance(1, 2)) return;
  const std::uint64_t stops_ms = drawWild(random, 1, kMaxDrawnStartMs);
  const std::uint64_t pause_ms = drawWild(random, 1, kMaxDrawnStartMs);
  second.port = first.port;
  first.stops_ms = static_cast<std::int64_t>(stops_ms);
  second.starts_ms = static_cast<std::int64_t>(stops_ms + pause_ms);
}

ScenarioVM drawVM(RandomStream& random, const Profile& profile, const Scenario& scenario,
                  std::size_t number) {
  const ScenarioServer& server = scenario.servers[random.below(scenario.servers.size())];
  ScenarioVM vm;
  vm.name = fmt::format("vm{}", number + 1);
  vm.count = drawWild(random, 1, 3);
  vm.server = server.name;
  // One of 16 is of another release: its requests are refused, and nobody else's.
  const bool is_stranger = random.chance(1, 16);
  const std::shared_ptr<const Dialect> other = drawDialect(random);
  vm.dialect = number > 0 && is_stranger && profile.mixed_releases ? other : server.dialect;
  vm.compilation_threads = drawWild(random, 1, 4);
  vm.starts_ms = random.chance(1, 2) ? 0 : static_cast<std::int64_t>(drawWild(random, 0, kMaxDrawnStartMs));
  return vm;
}

const ScenarioServer& serverOf(const Scenario& scenario, const ScenarioVM& vm) {
  return *std::ranges::find(scenario.servers, vm.server, &ScenarioServer::name);
}

/// Shares the messages out among all VMs alike.
void drawCompilations(RandomStream& random, Scenario& scenario) {
  const std::uint64_t messages = drawBetween(random, kLeastMessages, kMostMessages);
  std::uint64_t all_vms = 0;
  for (const ScenarioVM& vm : scenario.vms) all_vms += vm.count;
  for (ScenarioVM& vm : scenario.vms) {
    const std::uint64_t per_compilation = messagesPerCompilation(*serverOf(scenario, vm).script);
    vm.compilations = std::max<std::uint64_t>(messages / all_vms / per_compilation, 1);
  }
}

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

/// One of four lives as the real client.
void drawLife(RandomStream& random, ScenarioVM& vm) {
  const bool as_real = random.chance(1, 4);
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

}  // namespace

void drawParticipants(GeneratorStreams& streams, const Profile& profile, Scenario& scenario) {
  RandomStream& random = streams.participants;
  const std::size_t servers = random.chance(1, 4) ? 2 : 1;
  for (std::size_t i = 0; i < servers; ++i) scenario.servers.push_back(drawServer(streams, i));
  if (servers == 2) makeSuccessor(random, profile, scenario);
  const std::uint64_t vms = drawBetween(random, 1, 3);
  for (std::size_t i = 0; i < vms; ++i) scenario.vms.push_back(drawVM(random, profile, scenario, i));
  drawCompilations(random, scenario);
  for (ScenarioVM& vm : scenario.vms) drawLife(streams.lives, vm);
  for (ScenarioServer& server : scenario.servers) drawMemory(streams.lives, profile, server);
  drawSharedUid(streams.lives, scenario);
}

ScenarioNetwork drawNetwork(RandomStream& random) {
  ScenarioNetwork network;
  network.min_latency_us = static_cast<std::int64_t>(drawWild(random, 1, 20'000));
  network.max_latency_us = network.min_latency_us + static_cast<std::int64_t>(drawWild(random, 0, 20'000));
  if (random.chance(1, 4)) network.bandwidth_bytes_per_s = drawWild(random, 200'000, 1'000'000'000);
  network.segmentation = random.chance(3, 4);
  return network;
}

}  // namespace jitrig
