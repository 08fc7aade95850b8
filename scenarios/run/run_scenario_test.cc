#include "scenarios/run/run_scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "capture/capture_log.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/run/scenario_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;

class EveryRuntimeTest : public ::testing::TestWithParam<ScenarioRuntime> {};

INSTANTIATE_TEST_SUITE_P(, EveryRuntimeTest,
                         ::testing::Values(ScenarioRuntime::simulation, ScenarioRuntime::simulatedTls,
                                           ScenarioRuntime::loopback, ScenarioRuntime::tls),
                         [](const auto& each) { return std::string(toString(each.param)); });

TEST_P(EveryRuntimeTest, WhatIsAskedForIsCompiledAndCounted) {
  Scenario scenario = plainScenario();
  scenario.vms[0].count = 2;
  const ScenarioResult result = runScenario(scenario, {.runtime = GetParam()});
  EXPECT_TRUE(result.passed()) << describe(scenario, {}, result);
  EXPECT_THAT(result.counts, Contains(Pair("compiled", 6)));
  EXPECT_THAT(result.counts, Contains(Pair("vm.compiled", 6)));
  EXPECT_THAT(result.counts, Contains(Pair("server.compiled", 6)));
  EXPECT_THAT(result.counts, Contains(Pair("stream_failures", 0)));
  // Two VMs with a connection to compile and one to say goodbye; the fresh client's are not counted.
  EXPECT_THAT(result.counts, Contains(Pair("connections", 4)));
  EXPECT_GE(result.messages, 100U);
  EXPECT_THAT(result.world_report, IsEmpty());
}

TEST_P(EveryRuntimeTest, WhatWasSaidIsTheSameEverywhere) {
  Scenario scenario = plainScenario();
  // A final message says how many threads are active. Of so many, one more that still reads a goodbye is
  // none.
  scenario.servers[0].compilation_threads = 63;
  const auto here = runScenario(scenario, {.runtime = GetParam()}).logical_digest;
  EXPECT_EQ(here, runScenario(scenario, {.runtime = ScenarioRuntime::simulation}).logical_digest);
}

TEST_P(EveryRuntimeTest, AFreshClientComesLastAndIsServed) {
  const ScenarioResult result = runScenario(plainScenario(), {.runtime = GetParam()});
  ASSERT_THAT(result.record->vms, SizeIs(2));
  const VMRecord& fresh = result.record->vms[1];
  EXPECT_TRUE(fresh.fresh);
  ASSERT_THAT(fresh.reports, SizeIs(1));
  EXPECT_EQ(fresh.reports[0].report.result, CompilationResult::compiled);
  ASSERT_TRUE(result.record->vms[0].ended && fresh.began && result.record->healed);
  EXPECT_GT(fresh.began->order, result.record->vms[0].ended->order);
  EXPECT_GT(fresh.began->order, result.record->healed->order);
}

TEST_P(EveryRuntimeTest, AServerIsStoppedInOrderWithNothingLeft) {
  const ScenarioResult result = runScenario(plainScenario(), {.runtime = GetParam()});
  ASSERT_THAT(result.record->servers, SizeIs(1));
  const ServerRecord& server = result.record->servers[0];
  ASSERT_TRUE(server.stopped && server.rest && server.summary);
  EXPECT_EQ(server.rest->session_count, 0U);
  EXPECT_EQ(server.rest->parked_streams, 0U);
}

TEST_P(EveryRuntimeTest, ABrokenConnectionTerminatesOneCompilation) {
  Scenario scenario = plainScenario();
  scenario.faults.push_back(faultAt("reset", Direction::server, 4));
  scenario.expect.counts = {{"terminated", exactly(1)}, {"compiled", exactly(2)}, {"faults", exactly(1)}};
  const ScenarioResult result = runScenario(scenario, {.runtime = GetParam()});
  EXPECT_TRUE(result.passed()) << describe(scenario, {}, result);
}

TEST_P(EveryRuntimeTest, AServerThatEndsLeavesItsPortToAnother) {
  Scenario scenario = plainScenario();
  scenario.servers[0].name = "old";
  scenario.servers[0].stops_ms = 0;
  scenario.servers.push_back(scenario.servers[0]);
  scenario.servers[1].name = "new";
  scenario.servers[1].stops_ms.reset();
  scenario.servers[1].dialect = olderVersion();
  scenario.vms[0].server = "new";
  scenario.vms[0].dialect = olderVersion();
  const ScenarioResult result = runScenario(scenario, {.runtime = GetParam()});
  EXPECT_TRUE(result.passed()) << describe(scenario, {}, result);
  EXPECT_THAT(result.counts, Contains(Pair("new.compiled", 3)));
  EXPECT_THAT(result.counts, Contains(Pair("old.compiled", 0)));
}

TEST_P(EveryRuntimeTest, FindingsSayWhatWasExpectedAndHowToRepeat) {
  Scenario scenario = plainScenario();
  scenario.expect.counts = {{"compiled", atLeast(4)}, {"server.failed", exactly(0)}};
  const RunChoice choice{.runtime = GetParam(), .seed = 7};
  const ScenarioResult result = runScenario(scenario, choice);
  EXPECT_EQ(result.outcome(), RunOutcome::failed);
  ASSERT_THAT(result.findings, SizeIs(1));
  EXPECT_EQ(result.findings[0].checker, "expect");
  EXPECT_EQ(result.findings[0].text, "compiled: 3, expected at least 4");
  const std::string seed = isSimulated(GetParam()) ? " --seed 7" : "";
  EXPECT_EQ(describe(scenario, choice, result),
            "test/plain: expect: compiled: 3, expected at least 4\n"
            "repeat it with: jitrig scenario run test/plain --runtime " +
                std::string(toString(GetParam())) + seed + "\n");
}

class SimulatedRunTest : public ::testing::Test {
 protected:
  Scenario scenario = plainScenario();
  RunChoice choice;

  ScenarioResult run() { return runScenario(scenario, choice); }
  /// With a message if there are findings.
  ScenarioResult runWell() {
    ScenarioResult result = run();
    EXPECT_TRUE(result.passed()) << describe(scenario, choice, result) << result.world_report;
    return result;
  }
};

TEST_F(SimulatedRunTest, TheSameSeedGivesTheSameRun) {
  scenario.vms[0].count = 3;
  scenario.faults.push_back(faultAt("reset", Direction::server, 5));
  scenario.faults.back().trigger.probability_ppm = 500'000;
  scenario.faults.back().trigger.count.reset();
  std::vector<std::uint64_t> schedules;
  for (const std::uint64_t seed : {1U, 2U, 3U, 1U, 2U, 3U}) {
    choice.seed = seed;
    const ScenarioResult result = run();
    schedules.push_back(result.schedule_digest ^ result.logical_digest ^ result.steps);
  }
  EXPECT_EQ(schedules[0], schedules[3]);
  EXPECT_EQ(schedules[1], schedules[4]);
  EXPECT_EQ(schedules[2], schedules[5]);
  EXPECT_NE(schedules[0], schedules[1]);
  EXPECT_NE(schedules[1], schedules[2]);
}

/// Who ends while it is asked who has ended is not waited for until patience is over.
TEST_F(SimulatedRunTest, TheEndOfTheLastVMIsNoticed) {
  scenario.vms[0].count = 2;
  scenario.vms[0].compilations = 1;
  scenario.network.min_latency_us = scenario.network.max_latency_us = 10;
  scenario.fresh_client = false;
  scenario.expect.ends_within_ms = 5'000;
  for (choice.seed = 1; choice.seed <= 100; ++choice.seed) runWell();
}

TEST_F(SimulatedRunTest, WhatIsNotCompiledIsFound) {
  scenario.faults.push_back(faultAt("reset", Direction::server, 4));
  const ScenarioResult result = run();
  ASSERT_THAT(result.findings, SizeIs(1));
  EXPECT_THAT(result.findings[0].text, StartsWith("vm.compiled: 2, expected all 3; first terminated: "));
  EXPECT_THAT(result.findings[0].text, HasSubstr("[injected: reset]"));
}

TEST_F(SimulatedRunTest, AServersCountSaysNothingOfClients) {
  scenario.faults.push_back(faultAt("reset", Direction::server, 4));
  scenario.expect.counts = {{"server.compiled", atLeast(2)}};
  EXPECT_THAT(run().findings, ElementsAre(Field(&Finding::text, StartsWith("vm.compiled: 2"))));
}

TEST_F(SimulatedRunTest, DetailsMustOccurOrMustNot) {
  scenario.faults.push_back(faultAt("reset", Direction::server, 4));
  scenario.expect.counts = {{"compiled", atLeast(2)}};
  scenario.expect.details = {"[injected: reset]", "no such words"};
  scenario.expect.absent_details = {"[injected", "no such words"};
  EXPECT_THAT(
      run().findings,
      ElementsAre(Field(&Finding::text, "no report's detail has 'no such words'"),
                  Field(&Finding::text, "some report's detail has '[injected', which must not occur")));
}

TEST_F(SimulatedRunTest, WhatTheScenarioAllowsIsNoFailure) {
  scenario.expect.counts = {{"compiled", atLeast(4)}};
  scenario.expect.allowed_findings = {"expect"};
  const ScenarioResult result = run();
  EXPECT_TRUE(result.passed());
  EXPECT_THAT(result.allowed, SizeIs(1));
}

TEST_F(SimulatedRunTest, VirtualTimeIsLimited) {
  scenario.vms[0].starts_ms = 2'000;
  scenario.expect.ends_within_ms = 2'000;
  EXPECT_THAT(run().findings,
              ElementsAre(Field(&Finding::text, HasSubstr("ms of virtual time, expected at most 2000"))));
  scenario.expect.ends_within_ms = 3'000;
  runWell();
}

TEST_F(SimulatedRunTest, AKilledServerComesBack) {
  scenario.vms[0].compilations = 5;
  scenario.faults.push_back(faultAt("kill", Direction::server, 4));
  scenario.faults.back().parameters = {{"persona", "server"}, {"back_after_ms", "1000"}};
  scenario.expect.counts = {{"compilations", exactly(5)}, {"faults", atLeast(1)}};
  const ScenarioResult result = runWell();
  ASSERT_THAT(result.record->servers, SizeIs(2));
  EXPECT_TRUE(result.record->servers[0].killed);
  EXPECT_EQ(result.record->servers[1].name, "server (life 2)");
  EXPECT_FALSE(result.record->servers[1].killed);
  EXPECT_TRUE(result.record->vms.back().fresh);
}

TEST_F(SimulatedRunTest, AKilledServerThatStaysAwayServesNobody) {
  scenario.faults.push_back(faultAt("kill", Direction::server, 4));
  scenario.faults.back().parameters = {{"persona", "server"}};
  scenario.expect.counts = {{"compiled", {.at_most = 2}}};
  const ScenarioResult result = runWell();
  EXPECT_THAT(result.record->servers, SizeIs(1));
  EXPECT_THAT(result.record->vms, SizeIs(1));
}

TEST_F(SimulatedRunTest, AKilledVMEndsAndAnotherTakesItsPlace) {
  scenario.vms[0].compilations = 4;
  scenario.faults.push_back(faultAt("kill", Direction::server, 4));
  scenario.faults.back().parameters = {{"persona", "client"}, {"back_after_ms", "100"}};
  scenario.expect.counts = {{"compiled", atLeast(4)}};
  const ScenarioResult result = runWell();
  ASSERT_THAT(result.record->vms, SizeIs(3));
  EXPECT_TRUE(result.record->vms[0].killed);
  EXPECT_FALSE(result.record->vms[0].summary);
  EXPECT_EQ(result.record->vms[1].name, "vm (life 2)");
  EXPECT_TRUE(result.record->vms[1].summary);
}

TEST_F(SimulatedRunTest, AVMIsKilledOncePerLife) {
  scenario.vms[0].compilations = 2;
  scenario.vms[0].compilation_threads = 2;
  scenario.network.min_latency_us = scenario.network.max_latency_us = 1'000;
  scenario.network.segmentation = false;
  scenario.faults.push_back(faultAt("kill", Direction::client, 4));
  scenario.faults.back().parameters = {{"persona", "client"}, {"back_after_ms", "1"}};
  scenario.faults.back().trigger.count = 7;
  for (choice.seed = 1; choice.seed <= 20; ++choice.seed) {
    const ScenarioResult result = runWell();
    std::uint64_t killed = 0;
    for (const VMRecord& vm : result.record->vms) killed += vm.killed ? 1U : 0U;
    EXPECT_EQ(result.record->vms.size(), killed + 2) << "each life, the last one, and the fresh client";
  }
}

TEST_F(SimulatedRunTest, APausedPersonaGoesOnWhereItWas) {
  for (const std::string persona : {"client", "server"}) {
    scenario.faults = {faultAt("pause", Direction::server, 4)};
    scenario.faults.back().parameters = {{"persona", persona}, {"duration_ms", "5000"}};
    const ScenarioResult result = runWell();
    EXPECT_THAT(result.counts, Contains(Pair("compiled", 3)));
    EXPECT_GE(result.end_time.ns, 5'000'000'000) << persona;
    const PersonaRecord& paused = persona == "client"
                                      ? static_cast<const PersonaRecord&>(result.record->vms[0])
                                      : result.record->servers[0];
    EXPECT_THAT(paused.pauses, SizeIs(1)) << persona;
  }
}

TEST_F(SimulatedRunTest, AFaultBefallsThePersonaWhoseStreamSetItOff) {
  scenario.vms[0].count = 3;
  scenario.faults = {faultAt("kill", Direction::server, 4)};
  scenario.faults.back().trigger.connection = 3;
  scenario.faults.back().parameters = {{"persona", "client"}};
  scenario.expect.counts = {{"compilations", {.at_least = 6, .at_most = 8}}};
  for (choice.seed = 1; choice.seed <= 5; ++choice.seed) {
    const ScenarioResult result = runWell();
    for (const VMRecord& vm : result.record->vms) {
      ASSERT_THAT(result.record->faults, SizeIs(1));
      EXPECT_EQ(vm.killed.has_value(), result.record->faults[0].firing.stream.starts_with(vm.name + ":"));
    }
  }
}

TEST_F(SimulatedRunTest, WhatGoesOverTheWireIsCapturedOnDemand) {
  CaptureLog log;
  choice.capture = &log;
  EXPECT_TRUE(run().passed());
  EXPECT_THAT(log.file().connections, SizeIs(4));
}

TEST_F(SimulatedRunTest, APauseWithoutEndIsHealed) {
  scenario.faults = {faultAt("pause", Direction::server, 4)};
  scenario.faults.back().parameters = {{"persona", "client"}, {"duration_ms", "86400000"}};
  scenario.expect.counts = {{"compilations", atLeast(3)}};
  EXPECT_THAT(runWell().record->vms, SizeIs(2));
}

TEST_F(SimulatedRunTest, RefusedConnectionsAreHadLater) {
  scenario.vms[0].compilations = 20;
  scenario.faults.push_back(faultAt("reset", Direction::server, 4));
  scenario.faults.push_back(faultAt("refuse_connections", Direction::server, 2));
  scenario.faults.back().parameters = {{"duration_ms", "1000"}};
  scenario.expect.counts = {{"local", atLeast(1)}, {"terminated", atLeast(1)}};
  runWell();
}

TEST_F(SimulatedRunTest, AVMThatWaitsForEverIsFound) {
  scenario.servers[0].script = scriptThatSaysNothing(*scenario.servers[0].dialect);
  scenario.vms[0].timeout_ms = 1'000'000'000;
  scenario.servers[0].timeout_ms = 1'000'000'000;
  scenario.fresh_client = false;
  const ScenarioResult result = run();
  EXPECT_FALSE(result.passed());
  EXPECT_EQ(result.record->outcome, WorldOutcome::gaveUp);
  EXPECT_THAT(result.world_report, HasSubstr("the VMs, all faults being off"));
  EXPECT_THAT(result.world_report, HasSubstr("task \"compilation thread 0\" on host \"vm\""));
}

TEST_F(SimulatedRunTest, FaultsAreOffWhenTheFreshClientComes) {
  scenario.faults.push_back(faultAt("reset", Direction::server, 4));
  scenario.faults.back().trigger.count.reset();
  scenario.expect.counts = {{"terminated", exactly(3)}, {"faults", exactly(3)}};
  runWell();
}

TEST_F(SimulatedRunTest, AServerThatNoLongerServesIsFoundByTheFreshClient) {
  scenario.servers[0].script = scriptThatStopsAnswering(*scenario.servers[0].dialect, 3);
  const ScenarioResult result = run();
  EXPECT_FALSE(result.passed());
  scenario.fresh_client = false;
  runWell();
}

TEST_F(SimulatedRunTest, ADeadlockIsAFindingThatSaysWhoWaits) {
  choice.on_begin = [](Runtime& runtime) {
    const auto mutex = runtime.makeMutex("a mutex");
    const auto condition = runtime.makeCondition("nobody notifies this");
    Lock lock(*mutex);
    while (true) condition->wait(lock, kNever);
  };
  const ScenarioResult result = run();
  EXPECT_FALSE(result.passed());
  EXPECT_THAT(result.world_report, HasSubstr("nobody notifies this"));
  EXPECT_EQ(result.record->outcome, WorldOutcome::deadlock);
}

TEST_F(SimulatedRunTest, AnExceptionIsAFinding) {
  for (const ScenarioRuntime runtime : {ScenarioRuntime::simulation, ScenarioRuntime::loopback}) {
    choice.runtime = runtime;
    choice.on_end = [](Runtime&) { throw std::runtime_error("it went wrong"); };
    const ScenarioResult result = run();
    EXPECT_FALSE(result.passed());
    EXPECT_THAT(describe(scenario, choice, result), HasSubstr("it went wrong"));
  }
}

TEST_F(SimulatedRunTest, ALivelockIsAFinding) {
  choice.step_budget = 500;
  const ScenarioResult result = run();
  EXPECT_FALSE(result.passed());
  EXPECT_THAT(result.world_report, HasSubstr("step budget"));
}

TEST_F(SimulatedRunTest, MisbehavioursReachTheirPersona) {
  scenario.servers[0].misbehaviours = {{.name = compilerMisbehaviourNames().front(), .compilation = 1}};
  scenario.expect.counts = {{"compilations", atLeast(3)}};
  const ScenarioResult result = run();
  EXPECT_THAT(result.record->servers[0].misbehaviours, SizeIs(1));
}

TEST_F(SimulatedRunTest, EventsAreKeptOnDemand) {
  EXPECT_EQ(run().events, nullptr);
  choice.keep_events = 100;
  const ScenarioResult result = run();
  ASSERT_NE(result.events, nullptr);
  EXPECT_THAT(result.events->kept, SizeIs(100));
}

/// A program in place of a persona, on loopback; what else may become of one:
/// pytest/test_scenario_programs.py.
struct ProgramRun {
  std::string name;
  std::string server_command;
  std::string client_command;
  RunOutcome outcome = RunOutcome::passed;
  std::string text;
};

void PrintTo(const ProgramRun& run, std::ostream* out) {
  *out << run.name;
}

class ProgramTest : public ::testing::TestWithParam<ProgramRun> {};

TEST_P(ProgramTest, EndsAsItShould) {
  const Scenario scenario = plainScenario();
  RunChoice choice{.runtime = ScenarioRuntime::loopback};
  choice.server_command = GetParam().server_command;
  choice.client_command = GetParam().client_command;
  const ScenarioResult result = runScenario(scenario, choice);
  EXPECT_EQ(result.outcome(), GetParam().outcome);
  EXPECT_THAT(describe(scenario, choice, result), HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    , ProgramTest,
    ::testing::Values(
        ProgramRun{"client_is_told_where", "",
                   "test -n {port} && test {port} = $JITRIG_PORT && test {name} = vm", RunOutcome::passed,
                   ""},
        ProgramRun{"client_fails", "", "echo why; exit 3", RunOutcome::failed,
                   "program of vm 'vm' ended with exit status 3; it wrote:\nwhy"},
        ProgramRun{"client_found_something", "", "exit 1", RunOutcome::failed, "exit status 1"},
        ProgramRun{"client_crashes", "", "kill -SEGV $$", RunOutcome::failed, "signal 11"},
        ProgramRun{"client_cannot", "", "exit 89", RunOutcome::skipped, "does not implement this"},
        ProgramRun{"server_cannot", "exit 89", "", RunOutcome::skipped, "does not implement this"},
        ProgramRun{"server_fails", "echo why; exit 3", "", RunOutcome::failed, "it wrote:\nwhy"}),
    [](const auto& each) { return each.param.name; });

struct Problem {
  std::string name;
  std::function<void(Scenario&, RunChoice&)> make;
  std::string text;
};

void PrintTo(const Problem& problem, std::ostream* out) {
  *out << problem.name;
}

class ProblemTest : public ::testing::TestWithParam<Problem> {};

TEST_P(ProblemTest, IsToldInWords) {
  Scenario scenario = plainScenario();
  RunChoice choice;
  GetParam().make(scenario, choice);
  const auto problems = problemsOf(scenario, choice);
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems[0], HasSubstr(GetParam().text));
  try {
    runScenario(scenario, choice);
    FAIL() << "it ran";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(error.what(), "test/plain: " + problems[0]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , ProblemTest,
    ::testing::Values(
        Problem{"no_server", [](Scenario& scenario, RunChoice&) { scenario.servers.clear(); },
                "there is no server"},
        Problem{"no_vm", [](Scenario& scenario, RunChoice&) { scenario.vms.clear(); }, "there is no vm"},
        Problem{"unknown_server", [](Scenario& scenario, RunChoice&) { scenario.vms[0].server = "nobody"; },
                "vm 'vm': there is no server 'nobody'"},
        Problem{"same_name", [](Scenario& scenario, RunChoice&) { scenario.vms[0].name = "server"; },
                "two personas have the name 'server'"},
        Problem{"no_dialect", [](Scenario& scenario, RunChoice&) { scenario.vms[0].dialect = nullptr; },
                "vm 'vm' has no dialect"},
        Problem{"no_thread", [](Scenario& scenario, RunChoice&) { scenario.vms[0].compilation_threads = 0; },
                "needs at least one compilation thread"},
        Problem{"unknown_fault",
                [](Scenario& scenario, RunChoice&) {
                  scenario.faults.push_back(faultAt("explode", Direction::server, 1));
                },
                "explode"},
        Problem{"program_in_simulation", [](Scenario&, RunChoice& choice) { choice.server_command = "true"; },
                "expected loopback or tls"},
        Problem{"two_programs",
                [](Scenario&, RunChoice& choice) {
                  choice.runtime = ScenarioRuntime::loopback;
                  choice.server_command = choice.client_command = "true";
                },
                "only one side"}),
    [](const auto& each) { return each.param.name; });

TEST(RepeatCommandTest, QuotesCommandsForAShell) {
  const RunChoice choice{.runtime = ScenarioRuntime::loopback, .server_command = "it's here {port}"};
  EXPECT_EQ(repeatCommand(plainScenario(), choice),
            "jitrig scenario run test/plain --runtime loopback --server-command 'it'\\''s here {port}'");
}

}  // namespace
}  // namespace jitrig::test
