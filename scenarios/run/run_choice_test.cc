// What a scenario and a choice say comes to the personas and the world.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

#include "protocol/runtime/simulation/simulation_observer.h"
#include "scenarios/run/run_backend.h"
#include "scenarios/run/scaled_waits.h"
#include "scenarios/run/scenario_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// As the personas were told, which the record has from them.
TEST(RunChoiceTest, PersonasGetTheirOptions) {
  Scenario scenario = plainScenario();
  ScenarioServer& server = scenario.servers[0];
  server.compilation_threads = 5;
  server.timeout_ms = 11'000;
  server.first_request_timeout_ms = 12'000;
  server.max_connections = 13;
  server.accept_any_version = true;
  server.aot_cache.enabled = true;
  server.aot_cache_folder = "shared";
  server.memory.free_at_start_bytes = std::uint64_t{9} << 30U;
  ScenarioVM& vm = scenario.vms[0];
  vm.compilations = 4;
  vm.compilation_threads = 2;
  vm.timeout_ms = 14'000;
  vm.goodbye_timeout_ms = 1'500;
  vm.client_uid = 7;
  vm.life.life = ClientLife::asReal;
  vm.life.reconnect_wait_ms = 16;
  const ScenarioResult result = runScenario(scenario, {});
  EXPECT_TRUE(result.passed()) << describe(scenario, {}, result);
  const ServerRecord& served = result.record->servers.at(0);
  EXPECT_EQ(served.compilation_threads, 5U);
  EXPECT_EQ(served.timeout_ms, 11'000);
  EXPECT_EQ(served.first_request_timeout_ms, 12'000);
  EXPECT_EQ(served.max_open_connections, 13U);
  EXPECT_TRUE(served.accept_any_version);
  EXPECT_TRUE(served.has_aot_cache);
  EXPECT_TRUE(served.keeps_aot_cache);
  EXPECT_EQ(served.memory, server.memory);
  const VMRecord& lived = result.record->vms.at(0);
  EXPECT_EQ(lived.compilations, 4U);
  EXPECT_EQ(lived.compilation_threads, 2U);
  EXPECT_EQ(lived.timeout_ms, 14'000);
  EXPECT_EQ(lived.goodbye_timeout_ms, 1'500);
  EXPECT_EQ(lived.client_uid, 7U);
  EXPECT_EQ(lived.life.life, ClientLife::asReal);
  EXPECT_EQ(lived.life.reconnect_wait_ms, 16);
}

struct CountingObserver final : SimulationObserver {
  void taskBegins(const ObservedTask& /*task*/, Instant /*now*/) override { ++tasks; }
  int tasks = 0;
};

TEST(RunChoiceTest, TheWorldGetsItsOptions) {
  const Scenario scenario = plainScenario();
  CountingObserver observer;
  const auto digest = [&](RunChoice choice) {
    choice.observer = &observer;
    return runScenario(scenario, choice).schedule_digest;
  };
  const std::uint64_t usual = digest({});
  EXPECT_GT(observer.tasks, 3);
  EXPECT_EQ(digest({}), usual);
  EXPECT_NE(digest({.seed = 2}), usual);
  EXPECT_NE(digest({.preempt_percent = 100}), digest({.preempt_percent = 0}));
}

TEST(RunChoiceTest, WhoWantsToIsCalledBeforeAndAfter) {
  for (const auto runtime : {ScenarioRuntime::simulation, ScenarioRuntime::loopback}) {
    std::vector<std::string> calls;
    RunChoice choice{.runtime = runtime};
    choice.on_begin = [&](Runtime&) { calls.emplace_back("begin"); };
    choice.on_end = [&](Runtime&) { calls.emplace_back("end"); };
    runScenario(plainScenario(), choice);
    EXPECT_THAT(calls, ElementsAre("begin", "end"));
  }
}

/// For a day, which nobody waits for: with the other faults it is over before the fresh client comes.
TEST(RunChoiceTest, ARefusalWithoutEndIsHealed) {
  Scenario scenario = plainScenario();
  scenario.vms[0].compilations = 20;
  scenario.faults = {faultAt("reset", Direction::server, 4),
                     faultAt("refuse_connections", Direction::server, 2)};
  scenario.faults.back().parameters = {{"duration_ms", "86400000"}};
  scenario.expect.counts = {{"local", atLeast(1)}, {"terminated", atLeast(1)}};
  const ScenarioResult result = runScenario(scenario, {});
  EXPECT_TRUE(result.passed()) << describe(scenario, {}, result);
  EXPECT_LT(result.end_time, Instant{3'600'000'000'000});
}

/// A stall that is longer than a timeout, and scaled is not, is another scenario.
TEST(ScaledWaitsTest, ADelayMustNotLoseItsTimeout) {
  Scenario scenario = plainScenario();
  scenario.waits_ppm = 10'000;
  scenario.faults = {faultAt("stall", Direction::server, 4)};
  scenario.faults[0].parameters = {{"duration_ms", "40000"}};
  const RunChoice loopback{.runtime = ScenarioRuntime::loopback};
  EXPECT_THAT(problemsOf(scenario, loopback),
              ElementsAre(HasSubstr("stall takes 40000 ms, and with the scenario's `waits` 400 ms")));
  EXPECT_THAT(problemsOf(scenario, {}), IsEmpty());
  scenario.waits_ppm = 1'000'000;
  EXPECT_THAT(problemsOf(scenario, loopback), IsEmpty());
  scenario.waits_ppm = 10'000;
  scenario.faults[0].parameters = {{"duration_ms", "29999"}};
  EXPECT_THAT(problemsOf(scenario, loopback), IsEmpty());
}

/// Calls of gRPC come from outside of this room.
TEST(RunChoiceTest, AGrpcRuntimeNeedsABackendAndItsRelease) {
  const Scenario scenario = plainScenario();
  RunChoice choice{.runtime = ScenarioRuntime::grpc};
  EXPECT_THAT(problemsOf(scenario, choice),
              ElementsAre("the runtime grpc needs the backend grpc",
                          HasSubstr("the runtime grpc: vm speaks jitserver head: there is only grpc_2019")));
  choice.runtime = ScenarioRuntime::loopback;
  choice.backend =
      std::make_shared<const RunBackend>(RunBackend{.name = "grpc", .listen = {}, .connect = {}});
  EXPECT_THAT(problemsOf(scenario, choice),
              ElementsAre("the backend grpc needs the runtime grpc or grpc_tls"));
}

}  // namespace
}  // namespace jitrig::test
