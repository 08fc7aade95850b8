#include "protocol/stream/misbehaviour.h"

#include <functional>
#include <set>

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakevm/vm_misbehaviours.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/misbehaviour_table_test_support.h"
#include "scenarios/misbehaviour_test_support.h"

// Each misbehaviour of each persona against the other one, which behaves: what that one tells, that nobody
// else is concerned, and that a fresh client is served afterwards.
namespace jitrig::test {
namespace {

using ::testing::AnyOfArray;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The compilation that a misbehaviour is to befall, among three on one connection.
enum class Victim : std::uint8_t { first, second };

Victim victimOf(std::string_view name) {
  const bool before_request = name.starts_with("connect_") || name.starts_with("accept_");
  return before_request ? Victim::first : Victim::second;
}

std::vector<MisbehaviourSpec> vmSpec(std::string_view name) {
  return {{.name = std::string(name), .compilation = victimOf(name) == Victim::first ? 1 : 2}};
}

/// The innocent client's compilation and connection are the server's first.
std::vector<MisbehaviourSpec> compilerSpec(std::string_view name) {
  return {{.name = std::string(name), .compilation = victimOf(name) == Victim::first ? 2 : 3}};
}

void expectEffect(const MisbehaviourInfo& info, CompilationResult result, Duration took) {
  const Duration timeout = std::chrono::milliseconds(kShortTimeoutMs);
  switch (info.effect) {
    case MisbehaviourEffect::harmless: EXPECT_EQ(result, CompilationResult::compiled); break;
    case MisbehaviourEffect::ends:
      EXPECT_NE(result, CompilationResult::compiled);
      EXPECT_LT(took, timeout);
      break;
    case MisbehaviourEffect::waits:
      EXPECT_NE(result, CompilationResult::compiled);
      EXPECT_GE(took, timeout);
      break;
    case MisbehaviourEffect::depends: break;
  }
}

void expectOthersUntouched(const MisbehaviourInfo& info, const Told& told, std::size_t victim) {
  const auto compiled = Field(&CompilationReport::result, CompilationResult::compiled);
  EXPECT_THAT(told.innocent, AllOf(SizeIs(1), Each(compiled)));
  EXPECT_THAT(told.fresh, AllOf(SizeIs(2), Each(compiled)));
  EXPECT_EQ(told.parked, 0U);
  for (std::size_t i = 0; i < told.victims.size(); ++i) {
    if (i == victim || (info.spreads && i == victim + 1)) continue;
    EXPECT_EQ(told.victims[i].result, CompilationResult::compiled) << told.victims[i].detail;
  }
}

/// What the server told of all its clients, where something went wrong.
std::vector<std::string> detailsOfServer(const Told& told) {
  std::vector<std::string> details;
  for (const ServerCompilationReport& report : told.served) details.push_back(report.detail);
  for (const StreamEndReport& end : told.ends) {
    if (end.failure) details.push_back(end.detail);
  }
  std::erase(details, "");
  return details;
}

void expectTold(const ExpectedOfMisbehaviour& expected, const std::vector<std::string>& details) {
  if (expected.words.empty()) return;
  std::vector<testing::Matcher<std::string>> any;
  for (const std::string_view words : expected.words) any.emplace_back(HasSubstr(std::string(words)));
  EXPECT_THAT(details, Contains(AnyOfArray(any)));
}

const ExpectedOfMisbehaviour& expectedOf(std::string_view name,
                                         const std::vector<ExpectedOfMisbehaviour>& table) {
  const auto found = std::ranges::find(table, name, &ExpectedOfMisbehaviour::name);
  if (found == table.end()) throw std::logic_error("nothing is expected of " + std::string(name));
  return *found;
}

/// The body in a world of its own, of that seed.
Told simulated(std::uint64_t seed, const MisbehaviourPlay& how) {
  SimulationOptions options;
  options.seed = seed;
  SimulatedRuntime runtime(options);
  Told told;
  runtime.runOrThrow([&] { told = play(runtime, how); });
  return told;
}

class MisbehaviourTest : public ::testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seed, MisbehaviourTest, ::testing::Range(std::uint64_t{1}, std::uint64_t{5}));

TEST_P(MisbehaviourTest, OfTheVMIsToldByTheServerAndHarmsNobodyElse) {
  const auto table = expectedOfVMMisbehaviours();
  for (const MisbehaviourInfo& info : vmMisbehaviours()) {
    SCOPED_TRACE(info.name);
    const std::size_t victim = victimOf(info.name) == Victim::first ? 0 : 1;
    const Told told = simulated(GetParam(), {.of_vm = vmSpec(info.name)});
    const auto& expected = expectedOf(info.name, table);
    ASSERT_THAT(told.victims, SizeIs(3));
    EXPECT_THAT(expected.results, Contains(told.victims[victim].result)) << told.victims[victim].detail;
    expectEffect(info, told.victims[victim].result, told.took[victim]);
    expectOthersUntouched(info, told, victim);
    expectTold(expected, detailsOfServer(told));
  }
}

TEST_P(MisbehaviourTest, OfTheCompilerIsToldByTheClientAndHarmsNobodyElse) {
  const auto table = expectedOfCompilerMisbehaviours();
  for (const MisbehaviourInfo& info : compilerMisbehaviours()) {
    SCOPED_TRACE(info.name);
    const std::size_t victim = victimOf(info.name) == Victim::first ? 0 : 1;
    const Told told = simulated(GetParam(), {.of_compiler = compilerSpec(info.name)});
    const auto& expected = expectedOf(info.name, table);
    ASSERT_THAT(told.victims, SizeIs(3));
    EXPECT_THAT(expected.results, Contains(told.victims[victim].result)) << told.victims[victim].detail;
    expectEffect(info, told.victims[victim].result, told.took[victim]);
    expectOthersUntouched(info, told, victim);
    expectTold(expected, {told.victims[victim].detail});
  }
}

/// Who misbehaves says so, so that a checker knows whom to excuse.
TEST(MisbehaviourReportTest, NamesTheCompilationThatItBefell) {
  const Told of_vm = simulated(1, {.of_vm = vmSpec("reply_late")});
  EXPECT_THAT(of_vm.victims[0].misbehaved, IsEmpty());
  EXPECT_THAT(of_vm.victims[1].misbehaved, testing::ElementsAre("reply_late"));
  const Told of_compiler = simulated(1, {.of_compiler = compilerSpec("query_late")});
  EXPECT_THAT(of_compiler.served[1].misbehaved, IsEmpty());
  EXPECT_THAT(of_compiler.served[2].misbehaved, testing::ElementsAre("query_late"));
}

TEST(MisbehaviourReportTest, WithoutANumberEachCompilationIsBefallen) {
  const Told told = simulated(1, {.of_vm = {{.name = "reply_close", .compilation = std::nullopt}}});
  EXPECT_THAT(told.victims, Each(Field(&CompilationReport::result, CompilationResult::terminated)));
  EXPECT_THAT(told.fresh, Each(Field(&CompilationReport::result, CompilationResult::compiled)));
}

TEST(MisbehaviourReportTest, SeveralMayBefallOneCompilation) {
  const Told told = simulated(1, {.of_vm = {{.name = "request_late", .compilation = 2},
                                            {.name = "reply_dirty_padding", .compilation = 2}}});
  EXPECT_THAT(told.victims[1].misbehaved, testing::ElementsAre("request_late", "reply_dirty_padding"));
}

/// What comes behind a final message is no answer to the next request.
TEST(OutOfTurnTest, TheClientGivesTheConnectionUpBeforeItsNextRequest) {
  for (const char* name : {"final_twice", "final_and_failure", "final_and_query"}) {
    SCOPED_TRACE(name);
    std::uint64_t given_up = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const Told told = simulated(seed, {.of_compiler = compilerSpec(name)});
      given_up += told.victims_summary.out_of_turn;
      if (told.victims_summary.out_of_turn == 0) continue;  // it came later than the next request went
      EXPECT_EQ(told.victims[2].result, CompilationResult::compiled);
      EXPECT_GT(told.victims[2].queries, 0U);
      EXPECT_EQ(told.victims_summary.connections, 3U);  // one more, and one for the goodbye
    }
    EXPECT_GT(given_up, 0U);
  }
}

/// In every house and over every carrier: those that do not depend on how fast anything is.
class MisbehaviourAnywhereTest : public PersonasTest {};
JITRIG_IN_EVERY_RUNTIME_AND_CARRIER(MisbehaviourAnywhereTest);

TEST_P(MisbehaviourAnywhereTest, OfTheVMHarmsNobodyElse) {
  run([](Runtime& runtime, Carrier carrier) {
    for (const char* name : {"connect_close", "connect_http", "request_wrong_data_type", "request_huge_size",
                             "request_byte_swapped", "request_dirty_padding", "request_half_and_close",
                             "reply_wrong_type", "reply_nested_lie", "reply_interrupt_with_body",
                             "reply_close", "reply_byte_by_byte", "session_goodbye_twice"}) {
      const Told told = play(runtime, {.carrier = carrier,
                                       .of_vm = vmSpec(name),
                                       .of_compiler = {},
                                       .timeout_ms = 60'000,
                                       .innocent_pause = {}});
      const auto info = std::ranges::find(vmMisbehaviours(), name, &MisbehaviourInfo::name);
      const std::size_t victim = victimOf(name) == Victim::first ? 0 : 1;
      EXPECT_EQ(told.victims[victim].result == CompilationResult::compiled,
                info->effect == MisbehaviourEffect::harmless)
          << name << ": " << told.victims[victim].detail;
      expectOthersUntouched(*info, told, victim);
    }
  });
}

TEST_P(MisbehaviourAnywhereTest, OfTheCompilerHarmsNobodyElse) {
  run([](Runtime& runtime, Carrier carrier) {
    for (const char* name : {"request_close", "request_echo", "request_http", "query_unknown_type",
                             "query_wrong_data_size", "query_descriptor_beyond_end", "query_dirty_padding",
                             "query_half_and_close", "final_too_few_data_points", "final_nested_lie",
                             "final_byte_by_byte", "failure_too_few_data_points"}) {
      const Told told = play(runtime, {.carrier = carrier,
                                       .of_vm = {},
                                       .of_compiler = compilerSpec(name),
                                       .timeout_ms = 60'000,
                                       .innocent_pause = {}});
      const auto info = std::ranges::find(compilerMisbehaviours(), name, &MisbehaviourInfo::name);
      EXPECT_EQ(told.victims[1].result == CompilationResult::compiled,
                info->effect == MisbehaviourEffect::harmless)
          << name << ": " << told.victims[1].detail;
      expectOthersUntouched(*info, told, 1);
    }
  });
}

/// stop() ends whatever a misbehaviour waits for, long before its time.
TEST(StoppedMisbehaviourTest, DoesNotWait) {
  SimulationOptions options;
  SimulatedRuntime runtime(options);
  runtime.runOrThrow([&] {
    Personas personas(runtime, Carrier::tcp);
    personas.compiler_options.misbehaviours = {{.name = "request_ignored", .compilation = std::nullopt}};
    FakeCompiler& compiler = personas.startCompiler();
    personas.vm_options.misbehaviours = {{.name = "request_unread", .compilation = std::nullopt}};
    DefaultFrontend frontend(headDialect());
    FakeVM vm(runtime, personas.vm_options, frontend, personas.client);
    const auto task = runtime.spawn("VM", [&] { vm.run(); });
    runtime.sleepUntil(runtime.now() + std::chrono::milliseconds(100));
    vm.stop();
    task->join();
    compiler.stop();
    EXPECT_LT(runtime.now().ns, Duration(std::chrono::seconds(1)).count());
  });
}

}  // namespace
}  // namespace jitrig::test
