#pragma once

// Scenarios for the tests of this room.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakecompiler/script.h"
#include "scenarios/checkers/checker.h"
#include "scenarios/file/scenario.h"
#include "scenarios/record/run_record.h"
#include "scenarios/run/run_scenario.h"

namespace jitrig::test {

/// One server "server", one VM "vm", three compilations.
inline Scenario plainScenario() {
  Scenario scenario;
  scenario.name = "test/plain";
  scenario.servers.emplace_back().dialect = defaultDialect();
  scenario.vms.emplace_back().dialect = defaultDialect();
  return scenario;
}

inline ExpectedCount atLeast(std::uint64_t number) {
  return {.at_least = number, .at_most = std::nullopt};
}
inline ExpectedCount exactly(std::uint64_t number) {
  return {.at_least = number, .at_most = number};
}

/// Once, at the n-th message of that sender on a connection.
inline FaultSpec faultAt(std::string action, Direction sender, std::uint64_t message) {
  FaultSpec fault;
  fault.action = std::move(action);
  fault.trigger.direction = sender;
  fault.trigger.message = message;
  return fault;
}

inline std::shared_ptr<const Dialect> olderVersion() {
  auto older = std::make_shared<Dialect>(*defaultDialect());
  older->announced.version = versionWord(1, 104);
  return older;
}

inline Script scriptThatSaysNothing(const Dialect& dialect) {
  Script script = defaultScript(dialect);
  script.compilations[0].end.kind = ScriptEnd::Kind::nothing;
  return script;
}

/// Answers so many compilations, and the next one never.
inline Script scriptThatStopsAnswering(const Dialect& dialect, std::size_t after) {
  Script script;
  for (std::size_t i = 0; i < after; ++i)
    script.compilations.push_back(defaultScript(dialect).compilations[0]);
  script.compilations.push_back(scriptThatSaysNothing(dialect).compilations[0]);
  return script;
}

inline std::vector<std::string> compilerMisbehaviourNames() {
  std::vector<std::string> names;
  for (const MisbehaviourInfo& each : compilerMisbehaviours()) names.emplace_back(each.name);
  return names;
}

}  // namespace jitrig::test
