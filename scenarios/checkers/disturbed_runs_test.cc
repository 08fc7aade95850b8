// Runs in which much goes wrong, all of it on purpose: no checker may find anything.

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakevm/vm_misbehaviours.h"
#include "scenarios/checkers/recorded_world_test_support.h"
#include "scenarios/fault/fault_action.h"

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

TEST_P(Fault, IsNobodysFault) {
  for (std::uint64_t seed = 1; seed <= 3 * kSeeds; ++seed) {
    std::unique_ptr<FaultSet> faults;
    WorldOptions options;
    const Direction local = seed % 2 == 0 ? Direction::client : Direction::server;
    const auto decorate = [&](std::unique_ptr<ByteStream> stream, Direction side) {
      return side == local ? faults->decorate(std::move(stream), side) : std::move(stream);
    };
    options.begin = [&](Runtime& runtime) {
      auto made = FaultSet::make(runtime, headDialect(), {faultOf(GetParam(), seed)});
      ASSERT_TRUE(made.has_value()) << made.error();
      faults = std::move(*made);
    };
    options.fault = decorate;
    options.heal = [&] { faults->setEnabled(false); };
    options.finish = [&](RunRecorder& recorder) {
      recorder.setFaults(faults->firings());
      faults.reset();  // before its Runtime ends
    };
    EXPECT_EQ(judged(recordSimulation(seed, options)), "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(, Fault, ::testing::ValuesIn(actionsOnMessages()), kNameOf);

}  // namespace
}  // namespace jitrig
