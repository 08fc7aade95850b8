#include "cli/scenario_budget.h"

#include <fmt/format.h>
#include <fstream>
#include <string>

#include "capture/capture_log.h"
#include "capture/conversation.h"
#include "capture/message_budget.h"
#include "cli/exit_status.h"
#include "cli/option_file.h"
#include "scenarios/checkers/checker.h"

namespace jitrig {
namespace {

MessageBudget readBudget(const std::string& path) {
  auto budget = parseBudget(readOptionFile("--budget", path));
  if (!budget)
    throw CommandError(ExitStatus::unreadableInput, fmt::format("--budget: {}: {}", path, budget.error()));
  return std::move(*budget);
}

void writeBudget(const std::string& path, const MessageBudget& cost, const std::string& command) {
  std::ofstream file(path, std::ios::binary);
  file
      << "# What this costs: sender, type, messages, bytes, data points. Made with --write-budget FILE by\n# "
      << command << "\n"
      << toText(cost);
  if (!file.flush())
    throw CommandError(ExitStatus::unreadableInput,
                       fmt::format("--write-budget: {} cannot be written", path));
}

}  // namespace

ScenarioResult runWithBudget(const Scenario& scenario, RunChoice choice, const ScenarioOptions& options) {
  // Before the run: a file that cannot be read should not cost one.
  const MessageBudget budget = options.budget.empty() ? MessageBudget{} : readBudget(options.budget);
  CaptureLog log;
  choice.capture = &log;
  ScenarioResult result = runScenario(scenario, choice);
  const Dialect& dialect = *scenario.vms.front().dialect;
  const MessageBudget cost = budgetOf(conversationFromCapture(log.file(), dialect), *dialect.table);
  if (!options.write_budget.empty()) writeBudget(options.write_budget, cost, repeatCommand(scenario, choice));
  if (!options.budget.empty()) {
    for (std::string& excess : excesses(cost, budget))
      result.findings.push_back({.checker = "budget", .text = std::move(excess)});
  }
  return result;
}

}  // namespace jitrig
