#include "scenarios/misbehaviour_test_support.h"

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakevm/vm_misbehaviours.h"
#include "protocol/runtime/simulation/simulated_runtime.h"

namespace jitrig::test {
namespace {
using enum CompilationResult;

std::string strip(const std::string& detail) {
  const auto arrow = detail.find(" -> ");
  if (arrow == std::string::npos) return detail;
  const auto end = detail.find(": ", arrow);
  return detail.substr(end + 2);
}

class Dump : public ::testing::TestWithParam<RuntimeUnderTest> {};
INSTANTIATE_TEST_SUITE_P(, Dump, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);
TEST_P(Dump, All) {
 const auto simulate=[&](std::function<void(Runtime&)> body) {
    SimulationOptions o; o.seed = std::stoull(getenv("SEED"));
    SimulatedRuntime world(o);
    const auto r = world.run([&] { body(world); });
    if (!r.report.empty()) std::cout << r.report << std::endl;
 };
  const auto print = [&](const char* who, std::string_view name, const Told& told, std::size_t victim) {
    const auto& r = told.victims[victim];
    std::string out = std::string(who) + "|" + std::string(name) + "|" + std::string(toString(r.result)) + "|" +
                      std::to_string(told.took[victim].count() / 1000000) + "|";
    for (std::size_t i = 0; i < 3; ++i)
      if (i != victim && told.victims[i].result != compiled) out += " OTHER " + std::to_string(i) + std::string(toString(told.victims[i].result));
    for (const auto& x : told.innocent) if (x.result != compiled) out += " INNOCENT " + x.detail;
    for (const auto& x : told.fresh) if (x.result != compiled) out += " FRESH " + x.detail;
    out += "|";
    if (who[0] == 'V') {
      for (const auto& x : told.served) if (!x.detail.empty()) out += strip(x.detail) + "#";
      for (const auto& x : told.ends) if (x.failure) out += strip(x.detail) + "#";
    } else {
      out += strip(r.detail);
      if (told.victims_summary.out_of_turn) out += "OUTOFTURN";
    }
    std::cout << out << std::endl;
  };
  for (const auto& info : vmMisbehaviours()) {
    const bool first = info.name.starts_with("connect_");
    simulate([&](Runtime& runtime) {
      print("VM", info.name, play(runtime, {.of_vm = {{std::string(info.name), first ? 1 : 2}}}), first ? 0 : 1);
    });
  }
  for (const auto& info : compilerMisbehaviours()) {
    const bool first = info.name.starts_with("accept_");
    simulate([&](Runtime& runtime) {
      print("COMPILER", info.name, play(runtime, {.of_compiler = {{std::string(info.name), first ? 2 : 3}}}), first ? 0 : 1);
    });
  }
}

}  // namespace
}  // namespace jitrig::test
