#include "scenarios/file/write_scenario.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakevm/vm_misbehaviours.h"
#include "protocol/catalogue/catalogue.h"
#include "protocol/runtime/random_stream.h"
#include "scenarios/file/expected_count.h"
#include "scenarios/file/read_scenario.h"

namespace jitrig::test {
namespace {

std::shared_ptr<const Dialect> drawDialect(RandomStream& random) {
  const auto releases = Catalogue::builtIn().releases();
  const auto table = Catalogue::builtIn().table(releases[random.below(releases.size())],
                                                random.chance(1, 2) ? Build::j9 : Build::openjdk);
  FullVersion announced = (*table)->release().defaultVersion();
  if (random.chance(1, 3)) announced.config = static_cast<std::uint32_t>(random.draw());
  if (random.chance(1, 3)) announced.version = static_cast<std::uint32_t>(random.draw());
  return *Dialect::make(*table, announced);
}

template <class T>
std::optional<T> drawOptional(RandomStream& random, std::uint64_t max) {
  if (random.chance(1, 2)) return std::nullopt;
  return static_cast<T>(1 + random.below(max));
}

std::vector<MisbehaviourSpec> drawMisbehaviours(RandomStream& random,
                                                std::span<const MisbehaviourInfo> known) {
  std::vector<MisbehaviourSpec> specs;
  while (random.chance(1, 2)) {
    specs.push_back(
        {std::string(known[random.below(known.size())].name), drawOptional<std::uint64_t>(random, 9)});
  }
  return specs;
}

FaultSpec drawFault(RandomStream& random, const Dialect& dialect) {
  FaultSpec fault;
  const char* actions[] = {"reset", "close", "stall"};
  fault.action = actions[random.below(3)];
  if (fault.action == "stall") fault.parameters["duration_ms"] = std::to_string(1 + random.below(9'999));
  FaultTrigger& trigger = fault.trigger;
  if (random.chance(1, 2)) trigger.direction = random.chance(1, 2) ? Direction::client : Direction::server;
  if (random.chance(1, 2)) {
    trigger.type = dialect.table->types()[random.below(dialect.table->types().size())].number;
  }
  trigger.message = drawOptional<std::uint64_t>(random, 50);
  trigger.message_of_compilation = drawOptional<std::uint64_t>(random, 50);
  trigger.compilation = drawOptional<std::uint64_t>(random, 50);
  trigger.connection = drawOptional<std::uint64_t>(random, 50);
  trigger.not_before_ms = drawOptional<std::int64_t>(random, 50);
  if (random.chance(1, 2)) trigger.not_after_ms = 100;
  trigger.place = static_cast<FaultPlace>(random.below(8));
  if (trigger.place == FaultPlace::atByte) trigger.byte = random.below(1'000);
  if (random.chance(1, 2)) trigger.probability_ppm = static_cast<std::uint32_t>(random.below(1'000'001));
  trigger.count = drawOptional<std::uint64_t>(random, 3);
  fault.enabled = random.chance(3, 4);
  return fault;
}

Script drawScript(RandomStream& random, const Dialect& dialect) {
  Script script = defaultScript(dialect);
  script.compilations.resize(1 + random.below(3), script.compilations[0]);
  for (ScriptedCompilation& compilation : script.compilations) {
    compilation.queries.resize(random.below(compilation.queries.size() + 1));
    if (random.chance(1, 3))
      compilation.end = makeFailure(dialect, static_cast<std::uint32_t>(random.below(70)));
  }
  return script;
}

ServerMemoryOptions drawMemory(RandomStream& random) {
  ServerMemoryOptions memory;
  memory.free_at_start_bytes = (1 + random.below(9'000)) << 20U;
  memory.scratch_space_bytes = (1 + random.below(90)) << 20U;
  memory.session_bytes = random.below(9) << 20U;
  memory.compilation_bytes = random.below(9) << 20U;
  if (random.chance(1, 2)) memory.steps.push_back({.at_ms = 7, .free_bytes = random.below(99) << 20U});
  if (random.chance(1, 2))
    memory.spans.push_back(
        {.from_ms = 2, .to_ms = 5, .state = ServerMemoryState::veryLow, .fails = random.chance(1, 2)});
  return memory;
}

ScenarioCheckpoint drawCheckpoint(RandomStream& random, const Scenario& scenario) {
  ScenarioCheckpoint checkpoint;
  checkpoint.at_ms = static_cast<std::int64_t>(random.below(9));
  checkpoint.restores_ms = checkpoint.at_ms + 1;
  checkpoint.allows_remote = random.chance(1, 2);
  checkpoint.copies = 1 + random.below(3);
  if (random.chance(1, 2)) checkpoint.plain = random.chance(1, 2);
  if (random.chance(1, 2)) checkpoint.server = scenario.servers.back().name;
  return checkpoint;
}

/// What time has to do with.
void drawEnd(RandomStream& random, const Scenario& scenario, ScenarioVM& vm) {
  vm.goodbye_timeout_ms = static_cast<std::int64_t>(1 + random.below(9'000));
  const bool is_real = vm.life.life == ClientLife::asReal;
  if (is_real && random.chance(1, 3)) {
    vm.count = 1;
    vm.checkpoint = drawCheckpoint(random, scenario);
  } else if (vm.interval_ms != 0 && random.chance(1, 3)) {
    vm.until_compiled = 1 + random.below(9);
  }
}

ClientLifeOptions drawLife(RandomStream& random) {
  ClientLifeOptions life{.life = ClientLife::asReal};
  life.reconnect_wait_ms = static_cast<std::int64_t>(random.below(2'000));
  life.max_reconnect_wait_ms = drawOptional<std::int64_t>(random, 60'000);
  life.require_server = random.chance(1, 2);
  life.suppress_remote = random.chance(1, 4);
  life.incompatible_pause_ms = static_cast<std::int64_t>(random.below(3));
  return life;
}

Scenario drawScenario(std::uint64_t seed) {
  RandomStream random(seed);
  Scenario scenario;
  scenario.name = "drawn";
  scenario.description = "It's \"drawn\": a # b";
  if (random.chance(1, 2)) scenario.covers = {"R2", "F1"};
  scenario.runtimes = {ScenarioRuntime::simulation};
  if (random.chance(1, 2)) scenario.runtimes.push_back(ScenarioRuntime::loopback);
  if (random.chance(1, 8)) scenario.runtimes = {ScenarioRuntime::grpc, ScenarioRuntime::grpcTls};
  scenario.first_seed = random.draw() >> 1;
  scenario.seeds = 1 + random.below(9);
  scenario.fresh_client = random.chance(1, 2);
  if (random.chance(1, 2)) scenario.waits_ppm = static_cast<std::uint32_t>(random.below(1'000'001));
  for (std::size_t i = 0; i <= random.below(3); ++i) {
    ScenarioServer server;
    server.name = "s" + std::to_string(i);
    server.dialect = drawDialect(random);
    server.accept_any_version = random.chance(1, 2);
    if (random.chance(1, 2)) server.script = drawScript(random, *server.dialect);
    server.compilation_threads = 1 + random.below(9);
    if (random.chance(1, 2)) server.memory = drawMemory(random);
    server.timeout_ms = static_cast<std::int64_t>(1 + random.below(9'999));
    server.port = static_cast<std::uint16_t>(40'000 + i);
    server.never_starts = random.chance(1, 8);
    if (!server.never_starts) server.starts_ms = static_cast<std::int64_t>(random.below(2));
    server.plain = random.chance(1, 4);
    if (random.chance(1, 2)) server.stops_ms = 5;
    server.max_connections = 1 + random.below(2'000);
    server.misbehaviours = drawMisbehaviours(random, compilerMisbehaviours());
    scenario.servers.push_back(std::move(server));
  }
  for (std::size_t i = 0; i <= random.below(3); ++i) {
    ScenarioVM vm;
    vm.name = "v" + std::to_string(i);
    vm.count = 1 + random.below(3);
    vm.server = scenario.servers[random.below(scenario.servers.size())].name;
    vm.dialect = drawDialect(random);
    vm.compilations = 1 + random.below(9);
    vm.compilation_threads = 1 + random.below(9);
    vm.timeout_ms = static_cast<std::int64_t>(1 + random.below(9'999));
    vm.starts_ms = static_cast<std::int64_t>(random.below(2));
    vm.misbehaviours = drawMisbehaviours(random, vmMisbehaviours());
    vm.client_uid = random.chance(1, 2) ? 0 : random.draw();
    vm.interval_ms = static_cast<std::int64_t>(random.below(3));
    if (random.chance(1, 2)) vm.life = drawLife(random);
    if (random.chance(1, 2)) vm.class_events.unloads_every = random.below(5);
    vm.class_events.extends_every = random.below(3);
    vm.plain = random.chance(1, 4);
    drawEnd(random, scenario, vm);
    scenario.vms.push_back(std::move(vm));
  }
  while (random.chance(2, 3)) scenario.faults.push_back(drawFault(random, *scenario.servers[0].dialect));
  scenario.network.min_latency_us = static_cast<std::int64_t>(random.below(1'000));
  scenario.network.max_latency_us =
      scenario.network.min_latency_us + static_cast<std::int64_t>(random.below(9));
  scenario.network.bandwidth_bytes_per_s = drawOptional<std::uint64_t>(random, 1'000'000);
  scenario.network.segmentation = random.chance(1, 2);
  const std::vector<std::string> counts = countNamesOf(scenario);
  while (random.chance(2, 3)) {
    ExpectedCount& count = scenario.expect.counts[counts[random.below(counts.size())]];
    count = {};
    count.at_least = random.below(4);
    if (random.chance(1, 2)) count.at_most = count.at_least + random.below(3);
  }
  if (random.chance(1, 2)) scenario.expect.details = {"- a: [b]", "c"};
  if (random.chance(1, 2)) scenario.expect.absent_details = {"~"};
  if (std::ranges::all_of(scenario.runtimes, isSimulated))
    scenario.expect.ends_within_ms = drawOptional<std::int64_t>(random, 50);
  return scenario;
}

/// Two scenarios are compared as their texts: what a text does not hold, no run can see.
TEST(WriteScenarioTest, WhatWasWrittenReadsBackAsTheSame) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Scenario scenario = drawScenario(seed);
    const std::string text = writeScenario(scenario);
    const auto back = readScenario(text, "drawn.yaml");
    ASSERT_TRUE(back) << back.error() << "\n" << text;
    ASSERT_EQ(writeScenario(*back), text) << "seed " << seed;
    ASSERT_EQ(back->servers.size(), scenario.servers.size());
    for (std::size_t i = 0; i < back->servers.size(); ++i) {
      ASSERT_EQ(back->servers[i].dialect->announced, scenario.servers[i].dialect->announced);
      ASSERT_EQ(back->servers[i].script.has_value(), scenario.servers[i].script.has_value());
    }
    ASSERT_EQ(back->faults.size(), scenario.faults.size());
    for (std::size_t i = 0; i < back->faults.size(); ++i) {
      ASSERT_EQ(back->faults[i].trigger.place, scenario.faults[i].trigger.place);
      ASSERT_EQ(back->faults[i].trigger.probability_ppm, scenario.faults[i].trigger.probability_ppm);
      ASSERT_EQ(back->faults[i].trigger.count, scenario.faults[i].trigger.count);
    }
  }
}

TEST(WriteScenarioTest, CountsReadAsWords) {
  for (const char* text : {"0", "3", "at least 2", "at most 4", "2 to 4", "any"}) {
    const auto count = parseExpectedCount(text);
    ASSERT_TRUE(count) << text;
    EXPECT_EQ(toString(*count), text);
  }
  for (const char* text : {"", "x", "-1", "at least", "at least x", "2 to", "to 2", "at most "}) {
    EXPECT_FALSE(parseExpectedCount(text)) << text;
  }
}

}  // namespace
}  // namespace jitrig::test
