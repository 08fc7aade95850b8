#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "scenarios/checkers/checker.h"
#include "scenarios/fault/fault_action.h"
#include "scenarios/record/run_record.h"
#include "scenarios/run/run_backend.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/scaled_waits.h"

namespace jitrig {
namespace {

/// As one word of a shell.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char letter : text) result += letter == '\'' ? "'\\''" : std::string(1, letter);
  return result + "'";
}

template <class Personas>
void checkNames(const Personas& personas, std::string_view kind, std::set<std::string>& taken,
                std::vector<std::string>& problems) {
  for (const auto& persona : personas) {
    if (!persona.dialect) problems.push_back(fmt::format("{} '{}' has no dialect", kind, persona.name));
    if (persona.name.empty()) problems.push_back(fmt::format("a {} has no name", kind));
    if (!taken.insert(persona.name).second)
      problems.push_back(fmt::format("two personas have the name '{}'", persona.name));
  }
}

void checkVM(const Scenario& scenario, const ScenarioVM& vm, std::vector<std::string>& problems) {
  if (std::ranges::find(scenario.servers, vm.server, &ScenarioServer::name) == scenario.servers.end())
    problems.push_back(fmt::format("vm '{}': there is no server '{}'", vm.name, vm.server));
  if (vm.compilation_threads == 0)
    problems.push_back(fmt::format("vm '{}': needs at least one compilation thread", vm.name));
}

}  // namespace

std::vector<std::string> problemsOf(const Scenario& scenario, const RunChoice& choice) {
  std::vector<std::string> problems;
  std::set<std::string> taken;
  if (scenario.servers.empty()) problems.emplace_back("there is no server");
  if (scenario.vms.empty()) problems.emplace_back("there is no vm");
  checkNames(scenario.servers, "server", taken, problems);
  checkNames(scenario.vms, "vm", taken, problems);
  if (!scenario.servers.empty()) {
    for (const ScenarioVM& vm : scenario.vms) checkVM(scenario, vm, problems);
  }
  if (!problems.empty()) return problems;

  for (const FaultSpec& fault : scenario.faults) {
    if (const auto checked = checkFault(fault, *scenario.vms.front().dialect); !checked)
      problems.push_back(checked.error());
  }
  if (!isSimulated(choice.runtime)) {
    if (auto lost = timeoutThatScalingLoses(scenario)) problems.push_back(std::move(*lost));
  }
  const bool external = !choice.server_command.empty() || !choice.client_command.empty();
  if (external && isSimulated(choice.runtime))
    problems.emplace_back("an external program cannot live in a simulation; expected loopback or tls");
  if (choice.backend && !isOverGrpc(choice.runtime))
    problems.push_back(
        fmt::format("the backend {} needs the runtime grpc or grpc_tls", choice.backend->name));
  if (isOverGrpc(choice.runtime) && !choice.backend)
    problems.push_back(fmt::format("the runtime {} needs the backend grpc", toString(choice.runtime)));
  if (isOverGrpc(choice.runtime)) {
    if (std::string lack = whatGrpcLacks(scenario); !lack.empty())
      problems.push_back(fmt::format("the runtime {}: {}", toString(choice.runtime), lack));
  }
  if (choice.backend && external)
    problems.push_back(fmt::format(
        "an external program has its own options, the backend {} is for our personas", choice.backend->name));
  if (!choice.server_command.empty() && !choice.client_command.empty())
    problems.emplace_back("only one side can be an external program: of two nothing would be seen");
  return problems;
}

std::string repeatCommand(const Scenario& scenario, const RunChoice& choice) {
  std::string command =
      fmt::format("jitrig scenario run {} --runtime {}", scenario.name, toString(choice.runtime));
  if (isSimulated(choice.runtime)) command += fmt::format(" --seed {}", choice.seed);
  if (!choice.protocol.empty() && !isOverGrpc(choice.runtime)) command += " --protocol " + choice.protocol;
  if (!choice.server_command.empty())
    command += fmt::format(" --server-command {}", quoted(choice.server_command));
  if (!choice.client_command.empty())
    command += fmt::format(" --client-command {}", quoted(choice.client_command));
  return command;
}

std::string describe(const Scenario& scenario, const RunChoice& choice, const ScenarioResult& result) {
  std::string text;
  for (const Finding& finding : result.findings) {
    text += fmt::format("{}: {}: {}\n", scenario.name, finding.checker, finding.text);
  }
  if (!result.skipped_because.empty())
    text += fmt::format("{}: skipped: {}\n", scenario.name, result.skipped_because);
  if (!text.empty()) text += fmt::format("repeat it with: {}\n", repeatCommand(scenario, choice));
  return text;
}

}  // namespace jitrig
