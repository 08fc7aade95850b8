// Runs in which much goes wrong, all of it on purpose: no checker may find anything.

#include <map>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakevm/vm_misbehaviours.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/checkers/recorded_world_test_support.h"
#include "scenarios/fault/fault_action.h"
#include "scenarios/fault/fault_place.h"

namespace jitrig {
namespace {

using namespace test;

constexpr std::uint64_t kSeeds = 4;

constexpr auto kNameOf = [](const auto& test) { return test.param; };

std::vector<std::string> namesOf(std::span<const MisbehaviourInfo> known) {
  std::vector<std::string> names;
  for (const MisbehaviourInfo& info : known) names.emplace_back(info.name);
  return names;
}

/// One VM of three misbehaves; the server and the others are judged.
class MisbehavingVM : public ::testing::TestWithParam<std::string> {};

TEST_P(MisbehavingVM, IsNobodyElsesFault) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    WorldOptions options;
    options.change_vm = [&](FakeVMOptions& vm, std::size_t index) {
      if (index == 1) vm.misbehaviours = {{.name = GetParam(), .compilation = std::nullopt}};
    };
    EXPECT_EQ(judged(recordSimulation(seed, options)), "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(, MisbehavingVM, ::testing::ValuesIn(namesOf(vmMisbehaviours())), kNameOf);

/// The only compilation thread waits for an answer that never comes, and those who have closed meanwhile wait
/// for the thread, longer than a connection without a request may stay.
TEST(BusyServer, NoticesLateThatItsClientsHaveGone) {
  std::size_t stayed = 0;
  for (std::uint64_t seed = 1; seed <= 3 * kSeeds; ++seed) {
    WorldOptions options{.compilations = 1, .client_threads = 1, .server_threads = 1};
    options.change_server = [](FakeCompilerOptions& server) { server.first_request_timeout_ms = 10'000; };
    options.change_vm = [](FakeVMOptions& vm, std::size_t index) {
      const char* const name = index == 0 ? "reply_not_at_all" : "connect_half_close";
      vm.misbehaviours = {{.name = name, .compilation = std::nullopt}};
    };
    const RunRecord record = recordSimulation(seed, options);
    EXPECT_EQ(judged(record), "") << "seed " << seed;
    for (const RecordedConnection& connection : record.connections) {
      const auto& end = connection.end(Direction::server);
      if (end && end->read.bytes == 0 && end->closed_ns - end->opened_ns > 20'000'000'000) ++stayed;
    }
  }
  EXPECT_GT(stayed, 0U) << "of what this is about nothing happened";
}

class MisbehavingServer : public ::testing::TestWithParam<std::string> {};

TEST_P(MisbehavingServer, IsNobodyElsesFault) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    WorldOptions options;
    options.change_server = [&](FakeCompilerOptions& server) {
      server.misbehaviours = {{.name = GetParam(), .compilation = std::nullopt}};
    };
    EXPECT_EQ(judged(recordSimulation(seed, options)), "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(, MisbehavingServer, ::testing::ValuesIn(namesOf(compilerMisbehaviours())), kNameOf);

std::vector<std::string> actionsOnMessages() {
  std::vector<std::string> names;
  for (const FaultAction* action : faultActions()) {
    if (action->layer == FaultLayer::messages) names.emplace_back(action->name);
  }
  return names;
}

class Fault : public ::testing::TestWithParam<std::string> {};

/// At a message and a place that the seed chooses, and again.
FaultSpec faultOf(const std::string& action, std::uint64_t seed) {
  RandomStream random(seed);
  FaultSpec spec{.action = action, .parameters = {}, .trigger = {}};
  spec.trigger.direction = random.chance(1, 2) ? Direction::client : Direction::server;
  spec.trigger.message = 1 + random.below(20);
  spec.trigger.place = static_cast<FaultPlace>(random.below(7));
  spec.trigger.count = 1 + random.below(3);
  return spec;
}

/// A run with these faults at the ends of that side, to be judged.
RunRecord recordWithFaults(std::uint64_t seed, const std::vector<FaultSpec>& specs, Direction local,
                           WorldOptions options = {}) {
  std::unique_ptr<FaultSet> faults;
  options.begin = [&](Runtime& runtime) {
    auto made = FaultSet::make(runtime, headDialect(), specs);
    if (!made) throw std::invalid_argument(made.error());
    faults = std::move(*made);
  };
  options.fault = [&](std::unique_ptr<ByteStream> stream, Direction side) {
    return side == local ? faults->decorate(std::move(stream), side) : std::move(stream);
  };
  options.heal = [&] { faults->setEnabled(false); };
  options.finish = [&](RunRecorder& recorder) {
    recorder.setFaults(faults->firings());
    faults.reset();  // before its Runtime ends
  };
  return recordSimulation(seed, options);
}

TEST_P(Fault, IsNobodysFault) {
  for (std::uint64_t seed = 1; seed <= 3 * kSeeds; ++seed) {
    const Direction local = seed % 2 == 0 ? Direction::client : Direction::server;
    const RunRecord record = recordWithFaults(seed, {faultOf(GetParam(), seed)}, local);
    EXPECT_EQ(judged(record), "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(, Fault, ::testing::ValuesIn(actionsOnMessages()), kNameOf);

/// Faults that a campaign of random worlds once took for somebody's fault.
struct Mishap {
  std::string name;
  std::vector<FaultSpec> faults;
  std::vector<std::string> queries{};  ///< of the script; empty: the usual ones
  bool script_fails = false;
};

/// For gtest's failure messages.
void PrintTo(const Mishap& mishap, std::ostream* out) {
  *out << mishap.name;
}

FaultSpec faultAt(std::string action, std::map<std::string, std::string> parameters, Direction sender,
                  std::uint16_t type, FaultPlace place = FaultPlace::beforeMessage) {
  FaultSpec fault{.action = std::move(action), .parameters = std::move(parameters), .trigger = {}};
  fault.trigger.direction = sender;
  fault.trigger.type = type;
  fault.trigger.place = place;
  return fault;
}

std::vector<Mishap> mishaps() {
  const Dialect& dialect = *headDialect();
  const std::uint16_t request = dialect.compilation_request;
  const std::uint16_t code = dialect.compilation_code;
  const auto number = [](std::uint16_t type) { return std::to_string(type); };
  // Not at a first request: a stranger there is refused, and answered, as of another version.
  FaultSpec later = faultAt("insert", {{"type", number(code)}}, Direction::client, request);
  later.trigger.compilation = 10;
  later.trigger.place = FaultPlace::insideHeader;
  return {
      // Server and client lose patience at one instant, and no call ends with an error.
      {"request_that_never_comes", {faultAt("delay", {{"delay_ms", "40000"}}, Direction::client, request)}},
      // The client gives up while its request is still on its slow way.
      {"request_held_then_slow",
       {faultAt("coalesce", {{"messages", "6"}}, Direction::client, request),
        faultAt("bandwidth", {{"bytes_per_s", "3"}}, Direction::client, request, FaultPlace::insideHeader)}},
      {"goodbye_that_nobody_understands",
       {faultAt("corrupt", {{"field", "count"}}, Direction::client, dialect.client_session_terminate)}},
      {"stranger_behind_a_failure", {later}, {}, true},
      // The server has compiled; the client, who was told of a crash, says that it failed.
      {"end_behind_a_crash", {faultAt("close", {}, Direction::server, code)}, {"compilationThreadCrashed"}},
  };
}

class MishapTest : public ::testing::TestWithParam<Mishap> {};

TEST_P(MishapTest, IsNobodysFault) {
  WorldOptions options;
  options.change_simulation = [](SimulationOptions& simulation) {
    simulation.min_latency = simulation.max_latency = Duration(8'000);
    simulation.segmentation = false;
  };
  options.change_server = [](FakeCompilerOptions& server) {
    if (GetParam().script_fails) server.script.compilations.at(0).end = makeFailure(*headDialect(), 1);
    if (GetParam().queries.empty()) return;
    auto& queries = server.script.compilations.at(0).queries;
    queries.clear();
    for (const std::string& name : GetParam().queries)
      queries.push_back(makeQuery(*headDialect(), name).value());
  };
  for (std::uint64_t seed = 1; seed <= 3 * kSeeds; ++seed) {
    const RunRecord record = recordWithFaults(seed, GetParam().faults, Direction::client, options);
    EXPECT_EQ(judged(record), "") << "seed " << seed;
    EXPECT_EQ(record.faults.size(), GetParam().faults.size());
  }
}

INSTANTIATE_TEST_SUITE_P(, MishapTest, ::testing::ValuesIn(mishaps()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace jitrig
