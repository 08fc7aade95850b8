// A man in the middle of a correct conversation does whatever the catalogue of faults has, where the bytes
// say: all checkers are content with what the personas make of it. The input: a seed of the schedule, then
// faults.

#include <chrono>
#include <memory>

#include "fuzz/drawn_fault.h"
#include "fuzz/fuzz_target.h"
#include "scenarios/file/read_scenario.h"
#include "scenarios/file/write_scenario.h"
#include "scenarios/run/run_scenario.h"

namespace jitrig::fuzz {
namespace {

constexpr std::string_view kConversation = R"(
description: Three compilations of two threads.
runtimes: [simulation]
servers: [{script: {compilations: [{queries: [VM_isClassArray, VM_getVMInfo]}]}}]
vms: [{compilations: 3, threads: 2}]
expect: {compiled: any}
)";

const FuzzTarget kTarget("faults_pass_checkers", [](InputBytes bytes) {
  static const Scenario kScenario = readScenario(kConversation, "conversation.yaml").value();
  FuzzInput input(bytes);
  RunChoice choice{.seed = 1U + input.take<std::uint8_t>()};
  Scenario scenario = kScenario;
  while (!input.empty() && scenario.faults.size() < 4) {
    if (auto fault = drawFault(input, *scenario.servers.front().dialect, 5'000))
      scenario.faults.push_back(*fault);
  }
  if (!problemsOf(scenario, choice).empty()) return;
  const ScenarioResult result = runScenario(scenario, choice);
  if (!result.passed()) failed(describe(scenario, choice, result) + writeScenario(scenario));
});

}  // namespace
}  // namespace jitrig::fuzz
