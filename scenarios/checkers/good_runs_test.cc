// Runs in which nothing is wrong: no checker may find anything.

#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/checkers/recorded_world_test_support.h"

namespace jitrig {
namespace {

using namespace test;

TEST(GoodRuns, OverASimulatedNetworkForAHundredSeeds) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    EXPECT_EQ(judged(recordSimulation(seed)), "") << "seed " << seed;
  }
}

TEST(GoodRuns, OverPipesForAHundredSeeds) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    EXPECT_EQ(judged(recordSimulation(seed, {.carrier = Carrier::pipe})), "") << "seed " << seed;
  }
}

TEST(GoodRuns, OverSimulatedTls) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_EQ(judged(recordSimulation(seed, {.carrier = Carrier::tls, .vms = 2})), "") << "seed " << seed;
  }
}

TEST(GoodRuns, ManyClientsOfOneThread) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RunRecord record = recordSimulation(seed, {.vms = 12, .client_threads = 1, .server_threads = 1});
    EXPECT_EQ(judged(record), "") << "seed " << seed;
  }
}

/// All that is sent takes equally long, so that much arrives at the same time.
TEST(GoodRuns, ManyRequestsAtOnce) {
  WorldOptions options{.vms = 16, .client_threads = 1, .server_threads = 6};
  options.change_simulation = [](SimulationOptions& simulation) {
    simulation.min_latency = simulation.max_latency = std::chrono::microseconds(100);
    simulation.segmentation = false;
  };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(judged(recordSimulation(seed, options)), "") << "seed " << seed;
  }
}

/// A port that bears fewer connections than come: some clients find none, and say so.
TEST(GoodRuns, WithMoreClientsThanConnections) {
  WorldOptions options{.vms = 6, .compilations = 6};
  options.change_server = [](FakeCompilerOptions& server) { server.listener.max_open_connections = 5; };
  options.make_frontend = [](auto dialect) { return std::make_unique<FickleFrontend>(dialect); };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(judged(recordSimulation(seed, options)), "") << "seed " << seed;
  }
}

/// Clients that interrupt and close, servers that fail, close and say nothing: all as they were told.
WorldOptions eventful() {
  WorldOptions options{.vms = 4, .compilations = 12};
  options.change_server = [](FakeCompilerOptions& server) { server.script = fickleScript(); };
  options.make_frontend = [](auto dialect) { return std::make_unique<FickleFrontend>(dialect); };
  options.fresh_may_fail = true;
  return options;
}

TEST(GoodRuns, WithInterruptionsAndFailuresThatWereAskedFor) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const RunRecord record = recordSimulation(seed, eventful());
    EXPECT_EQ(judged(record), "") << "seed " << seed;
  }
}

TEST(GoodRuns, WithInterruptionsOverPipes) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    WorldOptions options = eventful();
    options.carrier = Carrier::pipe;
    EXPECT_EQ(judged(recordSimulation(seed, options)), "") << "seed " << seed;
  }
}

TEST(GoodRuns, WithClientsOfAnotherVersion) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    WorldOptions options;
    options.change_vm = [](FakeVMOptions& vm, std::size_t index) {
      if (index != 1) return;
      Dialect other = *vm.dialect;
      other.announced.version += 1U << 8U;
      vm.dialect = std::make_shared<const Dialect>(other);
    };
    EXPECT_EQ(judged(recordSimulation(seed, options)), "") << "seed " << seed;
  }
}

/// A limit is where it is said to be: a run that is made longer up to there is good, and not one bit further.
TEST(Limits, AFarewellTakesNoLongerThanItsTimeout) {
  for (const auto& [carrier, closing_ms] : {std::pair{Carrier::port, 0}, std::pair{Carrier::tls, 500}}) {
    RunRecord record = recordSimulation(7, {.carrier = carrier, .vms = 1});
    VMRecord& vm = record.vms.at(0);
    vm.ended->time_ns = vm.reports.back().when.time_ns + (5'000 + closing_ms) * 1'000'000LL;
    EXPECT_EQ(judged(record), "");
    ++vm.ended->time_ns;
    EXPECT_THAT(finders(record), ::testing::ElementsAre("farewells"));
    // Who had nothing to do until its checkpoint says goodbye from then on.
    vm.checkpointed = vm.reports.back().when;
    vm.checkpointed->time_ns += 1;
    EXPECT_EQ(judged(record), "");
  }
}

/// A thread saves or loads each cache, and no tap sees it.
TEST(Limits, AsManyThreadsAreActiveAsThereAreClientsAndCachesInFiles) {
  RunRecord record = recordSimulation(7, {.vms = 1, .client_threads = 1, .server_threads = 63});
  ServerRecord& server = record.servers.at(0);
  ServerCompilationReport& report = server.reports.at(1).report;
  report.states->active_threads = 2;
  EXPECT_THAT(finders(record), ::testing::ElementsAre("server_states"));
  server.keeps_aot_cache = true;
  EXPECT_THAT(finders(record), ::testing::ElementsAre("server_states"));
  AOTServing serving;
  serving.cache = "default";
  report.aot = std::make_shared<AOTServing>(serving);
  EXPECT_EQ(judged(record), "");
  report.states->active_threads = 3;
  EXPECT_THAT(finders(record), ::testing::ElementsAre("server_states"));
}

class GoodRealRun : public ::testing::TestWithParam<Carrier> {};

TEST_P(GoodRealRun, OfTheOperatingSystem) {
  EXPECT_EQ(judged(recordOperatingSystem({.carrier = GetParam()})), "");
}

INSTANTIATE_TEST_SUITE_P(, GoodRealRun, ::testing::Values(Carrier::port, Carrier::pipe, Carrier::tls));

}  // namespace
}  // namespace jitrig
