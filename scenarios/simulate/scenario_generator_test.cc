#include "scenarios/simulate/scenario_generator.h"

#include <algorithm>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakevm/vm_misbehaviours.h"
#include "scenarios/fault/fault_action.h"
#include "scenarios/file/read_scenario.h"
#include "scenarios/file/write_scenario.h"
#include "scenarios/simulate/generator_streams.h"
#include "scenarios/simulate/scenario_text.h"

namespace jitrig::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const Profile& everything() {
  return profiles()[0];
}

Profile profileOf(const char* name) {
  return findProfile(name).value();
}

TEST(ScenarioGeneratorTest, TheSameSeedIsTheSameScenario) {
  for (const std::uint64_t seed : {0ULL, 1ULL, 77ULL, ~0ULL}) {
    const std::string first = writeScenario(drawScenario(seed, everything()));
    EXPECT_EQ(writeScenario(drawScenario(seed, everything())), first);
    EXPECT_NE(writeScenario(drawScenario(seed + 1, everything())), first);
  }
}

TEST(ScenarioGeneratorTest, WhatGoesWrongChangesNothingElse) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Scenario calm = drawScenario(seed, profileOf("network"));
    Scenario wild = drawScenario(seed, profileOf("damage"));
    EXPECT_EQ(calm.network.max_latency_us, wild.network.max_latency_us);
    ASSERT_EQ(calm.servers.size(), wild.servers.size());
    for (Scenario* scenario : {&calm, &wild}) {
      scenario->name.clear();
      scenario->description.clear();
      scenario->faults.clear();
    }
    EXPECT_EQ(writeScenario(calm), writeScenario(wild)) << "seed " << seed;
  }
}

/// Otherwise what `--write` writes could not be repeated.
TEST(ScenarioGeneratorTest, WhatIsDrawnCanBeWrittenAndReadBack) {
  for (const Profile& profile : profiles()) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      const std::string written = writeScenario(drawScenario(seed, profile));
      const auto read = readScenario(written, "drawn.yaml");
      ASSERT_TRUE(read) << "seed " << seed << ", profile " << profile.name << ": " << read.error();
      EXPECT_EQ(writeScenario(*read), written) << "seed " << seed << ", profile " << profile.name;
    }
  }
}

TEST(ScenarioGeneratorTest, CalmIsCalm) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Scenario scenario = drawScenario(seed, profileOf("calm"));
    EXPECT_THAT(scenario.faults, IsEmpty());
    for (const ScenarioVM& vm : scenario.vms) EXPECT_THAT(vm.misbehaviours, IsEmpty());
    EXPECT_EQ(scenario.runtimes.front(), ScenarioRuntime::simulation);
  }
}

/// What occurs in the scenarios of many seeds, and how often.
struct Occurrences {
  explicit Occurrences(const Profile& profile, std::uint64_t seeds) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) add(drawScenario(seed, profile));
  }

  void add(const Scenario& scenario) {
    if (scenario.runtimes.front() == ScenarioRuntime::simulatedTls) ++tls;
    if (scenario.faults.empty()) ++without_faults;
    for (const FaultSpec& fault : scenario.faults) {
      ++actions[fault.action];
      places.insert(fault.trigger.place);
      EXPECT_TRUE(fault.trigger.not_after_ms);
    }
    for (const ScenarioServer& server : scenario.servers) {
      releases.insert(server.dialect->table->release().name);
      if (server.aot_cache.enabled) ++caches[server.aot_cache_folder.empty() ? "in memory" : "in files"];
      for (const MisbehaviourSpec& spec : server.misbehaviours) ++misbehaviours[spec.name];
    }
    for (const ScenarioVM& vm : scenario.vms) {
      for (const MisbehaviourSpec& spec : vm.misbehaviours) ++misbehaviours[spec.name];
      if (vm.aot.load) ++uses["load"];
      if (vm.aot.store) ++uses["store"];
      if (vm.aot.map) ++uses["map"];
      if (vm.checkpoint) addCheckpoint(vm);
      const bool is_plain = !vm.aot.any() && !vm.checkpoint;
      EXPECT_TRUE(is_plain || vm.life.life == ClientLife::asReal);
    }
  }

  void addCheckpoint(const ScenarioVM& vm) {
    EXPECT_GE(vm.checkpoint->at_ms, vm.starts_ms);
    EXPECT_GT(vm.checkpoint->restores_ms, vm.checkpoint->at_ms);
    ++checkpoints[vm.checkpoint->allows_remote ? "with permission" : "without"];
    if (vm.checkpoint->copies > 1) ++checkpoints["copied"];
    if (vm.checkpoint->server) ++checkpoints["moved"];
    if (vm.aot.any()) ++checkpoints["with a cache"];
  }

  std::map<std::string, int, std::less<>> actions;
  std::map<std::string, int, std::less<>> misbehaviours;
  std::map<std::string, int, std::less<>> caches;
  std::map<std::string, int, std::less<>> uses;
  std::map<std::string, int, std::less<>> checkpoints;
  std::set<FaultPlace> places;
  std::set<std::string> releases;
  int tls = 0;
  int without_faults = 0;
};

TEST(ScenarioGeneratorTest, EveryKindOfThingOccurs) {
  const Occurrences found(everything(), 3'000);
  for (const FaultAction* action : faultActions()) {
    // Signals are for processes of the operating system.
    if (action->name == "signal_storm") continue;
    EXPECT_TRUE(found.actions.contains(action->name)) << action->name;
  }
  for (const MisbehaviourInfo& info : vmMisbehaviours()) {
    EXPECT_TRUE(found.misbehaviours.contains(info.name)) << info.name;
  }
  for (const MisbehaviourInfo& info : compilerMisbehaviours()) {
    EXPECT_TRUE(found.misbehaviours.contains(info.name)) << info.name;
  }
  EXPECT_EQ(found.places.size(), 8U);
  EXPECT_EQ(found.releases.size(), 5U);
  EXPECT_THAT(found.caches, SizeIs(2));
  EXPECT_THAT(found.uses, SizeIs(3));
  EXPECT_THAT(found.checkpoints, SizeIs(5));
  EXPECT_GT(found.checkpoints.at("with a cache"), 100);
  EXPECT_GT(found.tls, 200);
  EXPECT_LT(found.tls, 400);
}

TEST(ScenarioGeneratorTest, ProfilesHaveOnlyTheirOwnFaults) {
  for (const auto& [action, count] : Occurrences(profileOf("network"), 500).actions) {
    EXPECT_NE(findFaultAction(action)->layer, FaultLayer::records) << action;
    if (findFaultAction(action)->layer == FaultLayer::messages) {
      EXPECT_FALSE(findFaultAction(action)->alters_bytes) << action;
    }
    EXPECT_NE(findFaultAction(action)->layer, FaultLayer::personas) << action;
  }
  const Occurrences hostile(profileOf("hostile"), 300);
  EXPECT_THAT(hostile.actions, IsEmpty());
  EXPECT_THAT(hostile.misbehaviours, Not(IsEmpty()));
  EXPECT_EQ(Occurrences(profileOf("tls"), 20).tls, 20);
}

TEST(ScenarioGeneratorTest, EachFaultIsOneThatCanBe) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const Scenario scenario = drawScenario(seed, everything());
    for (const FaultSpec& fault : scenario.faults) {
      const auto checked = checkFault(fault, *scenario.servers.front().dialect);
      EXPECT_TRUE(checked) << "seed " << seed << ": " << checked.error();
    }
  }
}

/// Nothing is compiled locally, or refused, where nothing goes wrong.
TEST(ScenarioGeneratorTest, ACalmCheckpointIsNoReasonToCompileLocally) {
  const Occurrences calm(profileOf("calm"), 500);
  EXPECT_GT(calm.checkpoints.at("with permission"), 0);
  EXPECT_FALSE(calm.checkpoints.contains("without"));
}

/// A server that has an AOT cache says who it is, before anything comes from there.
TEST(ScenarioGeneratorTest, WhoHasACacheSaysWhoItIs) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    for (const ScenarioServer& server : drawScenario(seed, everything()).servers) {
      if (!server.aot_cache.enabled) continue;
      for (const ScriptedCompilation& compilation : server.script->compilations)
        EXPECT_TRUE(compilation.ask_session_queries) << "seed " << seed;
    }
  }
}

TEST(ScenarioGeneratorTest, UnknownProfilesAreRefusedWithTheKnownOnes) {
  const auto profile = findProfile("clam");
  ASSERT_FALSE(profile);
  EXPECT_THAT(profile.error(), HasSubstr("unknown profile 'clam'"));
  for (const Profile& known : profiles()) {
    EXPECT_THAT(profile.error(), HasSubstr(std::string(known.name)));
    EXPECT_THAT(profile.error(), HasSubstr(std::string(known.sentence)));
  }
}

TEST(ScenarioGeneratorTest, TheTextSaysWhatWasDrawn) {
  const std::string text = describeScenario(drawScenario(1, everything()));
  EXPECT_THAT(text, HasSubstr("network: latency "));
  EXPECT_THAT(text, HasSubstr("\nserver: release "));
  EXPECT_THAT(text, HasSubstr("\nvm1: "));
}

TEST(GeneratorStreamsTest, WildNumbersReachBothEnds) {
  RandomStream random(1);
  std::set<std::uint64_t> drawn;
  for (int i = 0; i < 1'000; ++i) drawn.insert(drawWild(random, 3, 10));
  EXPECT_EQ(drawn, (std::set<std::uint64_t>{3, 4, 5, 6, 7, 8, 9, 10}));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(drawWild(random, 5, 5), 5U);
  for (int i = 0; i < 1'000; ++i)
    EXPECT_LE(drawWild(random, 0, ~std::uint64_t{0} >> 1U), ~std::uint64_t{0} >> 1U);
}

}  // namespace
}  // namespace jitrig::test
