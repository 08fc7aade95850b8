#include "scenarios/simulate/participants_draw.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <stdexcept>

#include "protocol/catalogue/catalogue.h"
#include "scenarios/file/older_generation.h"
#include "scenarios/simulate/lives_draw.h"
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

std::shared_ptr<const Dialect> olderDialectOf(const std::string& release) {
  static std::map<std::string, std::shared_ptr<const Dialect>, std::less<>> known;
  const auto found = known.find(release);
  if (found != known.end()) return found->second;
  auto dialect = olderGenerationDialect({.release = release, .announced = {}});
  if (!dialect) throw std::logic_error(dialect.error());  // who asks for it has looked whether it is there
  return known.emplace(release, *dialect).first->second;
}

std::shared_ptr<const Dialect> drawDialect(RandomStream& random, const Profile& profile) {
  const bool is_usual = !random.chance(1, 5);
  if (profile.older_generation) return olderDialectOf(is_usual ? "0.18.0" : "0.19.0");
  if (is_usual) return defaultDialect();
  return dialectOf(drawOne<std::string_view>(random, kDrawnReleases));
}

ScenarioServer drawServer(GeneratorStreams& streams, const Profile& profile, std::size_t number) {
  RandomStream& random = streams.participants;
  ScenarioServer server;
  server.name = number == 0 ? "server" : fmt::format("server{}", number + 1);
  server.dialect = drawDialect(random, profile);
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
  const std::shared_ptr<const Dialect> other = drawDialect(random, profile);
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

}  // namespace

void drawParticipants(GeneratorStreams& streams, const Profile& profile, Scenario& scenario) {
  RandomStream& random = streams.participants;
  const std::size_t servers = random.chance(1, 4) ? 2 : 1;
  for (std::size_t i = 0; i < servers; ++i) scenario.servers.push_back(drawServer(streams, profile, i));
  if (servers == 2) makeSuccessor(random, profile, scenario);
  const std::uint64_t vms = drawBetween(random, 1, 3);
  for (std::size_t i = 0; i < vms; ++i) scenario.vms.push_back(drawVM(random, profile, scenario, i));
  drawCompilations(random, scenario);
  drawLives(streams, profile, scenario);
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
