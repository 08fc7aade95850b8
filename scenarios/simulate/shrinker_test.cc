#include "scenarios/simulate/shrinker.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "scenarios/file/write_scenario.h"
#include "scenarios/simulate/scenario_generator.h"

namespace jitrig::test {
namespace {

/// A drawn world with more in it than any failure needs.
Scenario largeScenario() {
  Scenario scenario = drawScenario(3, profiles()[0]);
  scenario.faults.clear();
  for (int i = 0; i < 7; ++i) {
    FaultSpec fault;
    fault.action = i == 4 ? "reset" : "stall";
    fault.trigger.count = std::nullopt;
    scenario.faults.push_back(fault);
  }
  scenario.vms.resize(1);
  scenario.vms.push_back(scenario.vms[0]);
  scenario.vms[1].name = "the one";
  scenario.vms[1].count = 3;
  scenario.vms[1].compilations = 40;
  scenario.vms[1].compilation_threads = 4;
  return scenario;
}

TEST(ShrinkerTest, OnlyWhatTheFailureNeedsIsLeft) {
  // Fails with a reset, and a VM called "the one" that compiles twice or more.
  const StillFails still_fails = [](const Scenario& scenario) -> std::optional<std::uint64_t> {
    const bool reset =
        std::ranges::find(scenario.faults, "reset", &FaultSpec::action) != scenario.faults.end();
    const bool works = std::ranges::any_of(
        scenario.vms, [](const ScenarioVM& vm) { return vm.name == "the one" && vm.compilations >= 2; });
    return reset && works ? std::optional<std::uint64_t>(9) : std::nullopt;
  };
  const ShrinkState shrunk = shrink(largeScenario(), 3, still_fails);
  ASSERT_EQ(shrunk.scenario.faults.size(), 1U);
  EXPECT_EQ(shrunk.scenario.faults[0].action, "reset");
  EXPECT_EQ(shrunk.scenario.faults[0].trigger.count, 1U);
  ASSERT_EQ(shrunk.scenario.vms.size(), 1U);
  EXPECT_EQ(shrunk.scenario.vms[0].name, "the one");
  EXPECT_EQ(shrunk.scenario.vms[0].compilations, 2U);
  EXPECT_EQ(sizeOf(shrunk.scenario),
            (ScenarioSize{.vms = 1, .servers = 1, .compilations = 2, .queries = 0, .faults = 1}));
  EXPECT_FALSE(shrunk.scenario.network.segmentation);
  EXPECT_EQ(shrunk.seed, 9U);
}

TEST(ShrinkerTest, QueriesAreLeftOutInPortions) {
  // Fails as long as one query of this type is asked.
  Scenario scenario = largeScenario();
  const std::uint16_t type = scenario.servers[0].script->compilations[0].queries.at(5).type;
  const StillFails still_fails = [type](const Scenario& candidate) -> std::optional<std::uint64_t> {
    for (const ScenarioServer& server : candidate.servers) {
      for (const ScriptedCompilation& compilation : server.script->compilations) {
        for (const ScriptQuery& query : compilation.queries) {
          if (query.type == type) return 1;
        }
      }
    }
    return std::nullopt;
  };
  const ShrinkState shrunk = shrink(scenario, 1, still_fails);
  EXPECT_EQ(sizeOf(shrunk.scenario).queries, 1U);
  EXPECT_LT(shrunk.tried, 300U);
}

TEST(ShrinkerTest, WhatFailsNoLongerIsLeftAsItIs) {
  const Scenario scenario = largeScenario();
  const ShrinkState shrunk =
      shrink(scenario, 5, [](const Scenario&) { return std::optional<std::uint64_t>(); });
  EXPECT_EQ(sizeOf(shrunk.scenario), sizeOf(scenario));
  EXPECT_EQ(shrunk.seed, 5U);
}

TEST(ShrinkerTest, TriesHaveALimit) {
  std::uint64_t tried = 0;
  std::uint64_t told = 0;
  const StillFails still_fails = [&](const Scenario&) {
    ++tried;
    return std::optional<std::uint64_t>();
  };
  const ShrinkState shrunk = shrink(largeScenario(), 1, still_fails,
                                    {.max_tries = 7, .on_progress = [&](const ShrinkState&) { ++told; }});
  EXPECT_EQ(tried, 7U);
  EXPECT_EQ(shrunk.tried, 7U);
  EXPECT_EQ(told, 7U);
}

/// What can be left out only when something was made plain, which comes last, is left out in another round.
TEST(ShrinkerTest, RoundsGoOnAsLongAsOneHelps) {
  Scenario scenario = largeScenario();
  scenario.network.segmentation = true;
  const std::size_t faults = scenario.faults.size();
  const StillFails still_fails = [faults](const Scenario& candidate) {
    const bool fails = !candidate.network.segmentation || candidate.faults.size() == faults;
    return fails ? std::optional<std::uint64_t>(1) : std::nullopt;
  };
  EXPECT_EQ(shrink(scenario, 1, still_fails).scenario.faults.size(), 0U);
}

/// A second round would try the same again.
TEST(ShrinkerTest, ARoundThatHelpsNothingIsTheLast) {
  std::multiset<std::string> tried;
  const StillFails still_fails = [&tried](const Scenario& candidate) {
    tried.insert(writeScenario(candidate));
    return std::optional<std::uint64_t>();
  };
  Scenario scenario = largeScenario();
  scenario.faults.resize(1);
  shrink(scenario, 1, still_fails);
  const Scenario without_faults = [&] {
    Scenario candidate = scenario;
    candidate.faults.clear();
    return candidate;
  }();
  EXPECT_EQ(tried.count(writeScenario(without_faults)), 1U);
}

/// What only a VM that lives as the real client has, and what a server has for it.
Scenario scenarioOfALife() {
  Scenario scenario = largeScenario();
  scenario.servers.resize(1);
  scenario.servers[0].aot_cache = {.enabled = true, .max_bytes = 5};
  scenario.servers[0].aot_cache_folder = "shared";
  scenario.vms.resize(1);
  ScenarioVM& vm = scenario.vms[0];
  vm.client_uid = 7;
  vm.life.life = ClientLife::asReal;
  vm.class_events.unloads_every = 3;
  vm.aot = {.load = true, .store = true, .map = true, .cache = "other", .record_ms = 9};
  vm.checkpoint.emplace();
  vm.checkpoint->copies = 4;
  vm.checkpoint->server = "server";
  return scenario;
}

TEST(ShrinkerTest, CachesAndCheckpointsAreLeftOut) {
  const ShrinkState shrunk =
      shrink(scenarioOfALife(), 1, [](const Scenario&) { return std::optional<std::uint64_t>(1); });
  const ScenarioVM& vm = shrunk.scenario.vms.at(0);
  EXPECT_FALSE(vm.checkpoint);
  EXPECT_FALSE(vm.aot.any());
  EXPECT_FALSE(vm.class_events.any());
  EXPECT_EQ(vm.life.life, ClientLife::oneTry);
  EXPECT_EQ(vm.client_uid, 0U);
  EXPECT_FALSE(shrunk.scenario.servers.at(0).aot_cache.enabled);
  EXPECT_EQ(shrunk.scenario.servers.at(0).aot_cache_folder, "");
}

TEST(ShrinkerTest, CachesAndCheckpointsThatAreNeededBecomePlain) {
  const StillFails still_fails = [](const Scenario& scenario) {
    const bool fails = scenario.servers.at(0).aot_cache.enabled && scenario.vms.at(0).aot.any() &&
                       scenario.vms.at(0).checkpoint;
    return fails ? std::optional<std::uint64_t>(1) : std::nullopt;
  };
  const ShrinkState shrunk = shrink(scenarioOfALife(), 1, still_fails);
  const ScenarioVM& vm = shrunk.scenario.vms.at(0);
  ASSERT_TRUE(vm.checkpoint);
  EXPECT_EQ(vm.checkpoint->copies, 1U);
  EXPECT_TRUE(vm.checkpoint->allows_remote);
  EXPECT_FALSE(vm.checkpoint->server);
  EXPECT_FALSE(vm.aot.map);
  EXPECT_EQ(vm.aot.cache, "default");
  EXPECT_EQ(vm.aot.record_ms, 0);
  EXPECT_EQ(vm.life.life, ClientLife::asReal);
  EXPECT_EQ(shrunk.scenario.servers.at(0).aot_cache.max_bytes, AOTCacheOptions{}.max_bytes);
  EXPECT_EQ(shrunk.scenario.servers.at(0).aot_cache_folder, "");
}

TEST(ShrinkerTest, AVMOfAServerThatIsLeftOutGoesToAnother) {
  Scenario scenario = largeScenario();
  scenario.servers.resize(1);
  scenario.servers.push_back(scenario.servers[0]);
  scenario.servers[1].name = "other";
  for (ScenarioVM& vm : scenario.vms) vm.server = "other";
  const ShrinkState shrunk =
      shrink(scenario, 1, [](const Scenario&) { return std::optional<std::uint64_t>(1); });
  ASSERT_EQ(shrunk.scenario.servers.size(), 1U);
  ASSERT_EQ(shrunk.scenario.vms.size(), 1U);
  EXPECT_EQ(shrunk.scenario.vms[0].server, shrunk.scenario.servers[0].name);
}

}  // namespace
}  // namespace jitrig::test
