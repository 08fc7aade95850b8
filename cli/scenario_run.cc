// jitrig scenario run
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "capture/pcap_writer.h"
#include "cli/announcement_options.h"
#include "cli/event_printer.h"
#include "cli/grpc_backend.h"
#include "cli/junit_report.h"
#include "cli/scenario_budget.h"
#include "cli/scenario_log.h"
#include "cli/scenario_plan.h"
#include "cli/scenario_verb.h"
#include "cli/standard_output.h"
#include "protocol/wire/value_json.h"
#include "scenarios/checkers/checker.h"
#include "scenarios/file/expected_count.h"
#include "scenarios/record/run_record.h"
#include "scenarios/run/run_scenario.h"

namespace jitrig {
namespace {

/// What the personas reported in words, each text once: what `details` of a scenario may expect.
std::set<std::string> detailsOf(const RunRecord& record) {
  std::set<std::string> details;
  for (const VMRecord& vm : record.vms) {
    for (const auto& told : vm.reports) details.insert(told.report.detail);
    for (const auto& told : vm.events) details.insert(toString(told.report));
  }
  for (const ServerRecord& server : record.servers) {
    for (const auto& told : server.reports) details.insert(told.report.detail);
    for (const auto& told : server.stream_ends) details.insert(told.report.detail);
  }
  details.erase("");
  return details;
}

/// Runs what was planned, and prints and remembers what comes of it.
class ScenarioRuns {
 public:
  explicit ScenarioRuns(const ScenarioOptions& options)
      : options_(options), backend_(hasGrpc() ? grpcRunBackend() : nullptr) {}

  bool run(const PlannedRun& planned) {
    if (!planned.skip_because.empty()) return skip(planned);
    const auto begin = std::chrono::steady_clock::now();
    std::string failure;
    std::string skip_because;
    for (std::uint64_t seed = planned.first_seed; seed <= planned.last_seed && skip_because.empty(); ++seed) {
      const RunChoice choice = choiceOf(planned, seed);
      const ScenarioResult result = runOnce(*planned.scenario, choice);
      skip_because = result.skipped_because;
      if (result.outcome() == RunOutcome::failed) failure += describe(*planned.scenario, choice, result);
      if (options_.json) printJson(*planned.scenario, choice, result);
      if (options_.log) {
        output_.text() += repeatCommand(*planned.scenario, choice) + ":\n";
        output_.flush();
        printLog(printer_, *result.record);
      }
      if (seed == ~std::uint64_t{0}) break;
    }
    if (!options_.json) printText(planned, failure, skip_because);
    remember(planned, failure, skip_because, std::chrono::steady_clock::now() - begin);
    return failure.empty();
  }

  void writeJUnit() const {
    if (options_.junit.empty()) return;
    std::ofstream file(options_.junit, std::ios::binary);
    file << junitReport("jitrig scenario run", cases_);
    if (!file.flush()) {
      throw CommandError(ExitStatus::unreadableInput,
                         fmt::format("--junit: {} cannot be written", options_.junit));
    }
  }

 private:
  bool skip(const PlannedRun& planned) {
    if (options_.json) {
      std::string& out = output_.text();
      out += "{\"scenario\":";
      appendJsonString(out, planned.scenario->name);
      fmt::format_to(std::back_inserter(out), R"(,"runtime":"{}","outcome":"skipped","because":)",
                     toString(planned.runtime));
      appendJsonString(out, planned.skip_because);
      out += "}\n";
      output_.flush();
    } else {
      printText(planned, "", planned.skip_because);
    }
    remember(planned, "", planned.skip_because, {});
    return true;
  }

  RunChoice choiceOf(const PlannedRun& planned, std::uint64_t seed) const {
    RunChoice choice;
    choice.runtime = planned.runtime;
    choice.seed = seed;
    choice.server_command = options_.server_command;
    choice.client_command = options_.client_command;
    choice.protocol = options_.protocol;
    if (isOverGrpc(planned.runtime) || options_.backend == "grpc") choice.backend = backend_;
    return choice;
  }

  ScenarioResult runOnce(const Scenario& scenario, RunChoice choice) const {
    if (const auto problems = problemsOf(scenario, choice); !problems.empty()) {
      throw CommandError(ExitStatus::wrongUsage,
                         fmt::format("{}: {}", scenario.name, fmt::join(problems, "; ")));
    }
    if (!options_.budget.empty() || !options_.write_budget.empty())
      return runWithBudget(scenario, choice, options_);
    if (options_.capture.empty()) return runScenario(scenario, choice);
    auto capture = PcapWriter::create(options_.capture);
    if (!capture) throw CommandError(ExitStatus::unreadableInput, "--capture: " + capture.error());
    choice.capture = &*capture;
    return runScenario(scenario, choice);
  }

  void printText(const PlannedRun& planned, const std::string& failure, const std::string& skip_because) {
    const char* outcome = !failure.empty() ? "failed" : !skip_because.empty() ? "skipped" : "passed";
    std::string& out = output_.text();
    fmt::format_to(std::back_inserter(out), "{}  {}  {}", outcome, planned.scenario->name,
                   toString(planned.runtime));
    if (isSimulated(planned.runtime)) {
      if (planned.first_seed == planned.last_seed) {
        fmt::format_to(std::back_inserter(out), ", seed {}", planned.first_seed);
      } else {
        fmt::format_to(std::back_inserter(out), ", seeds {} to {}", planned.first_seed, planned.last_seed);
      }
    }
    if (!skip_because.empty()) out += ": " + skip_because;
    out += '\n';
    out += failure;
    if (!failure.empty() && !failure.ends_with('\n')) out += '\n';
    output_.flush();
  }

  void printJson(const Scenario& scenario, const RunChoice& choice, const ScenarioResult& result) {
    std::string& out = output_.text();
    out += "{\"scenario\":";
    appendJsonString(out, scenario.name);
    fmt::format_to(std::back_inserter(out), R"(,"runtime":"{}","seed":{},"outcome":"{}")",
                   toString(choice.runtime), choice.seed, toString(result.outcome()));
    // As text: the numbers have 64 bits, which many readers of JSON cannot hold.
    fmt::format_to(std::back_inserter(out),
                   R"(,"logical_digest":"{:016x}","schedule_digest":"{:016x}","messages":{},"counts":{{)",
                   result.logical_digest, result.schedule_digest, result.messages);
    const char* comma = "";
    for (const auto& [name, count] : result.counts) {
      fmt::format_to(std::back_inserter(out), "{}\"{}\":{}", comma, name, count);
      comma = ",";
    }
    out += "}";
    if (isSimulated(choice.runtime)) {
      fmt::format_to(std::back_inserter(out), ",\"end_ms\":{}", result.end_time.ns / 1'000'000);
    }
    out += ",\"findings\":[";
    comma = "";
    for (const Finding& finding : result.findings) {
      out += comma;
      out += "{\"checker\":";
      appendJsonString(out, finding.checker);
      out += ",\"text\":";
      appendJsonString(out, finding.text);
      out += '}';
      comma = ",";
    }
    out += "],\"details\":[";
    comma = "";
    for (const std::string& detail : detailsOf(*result.record)) {
      out += comma;
      appendJsonString(out, detail);
      comma = ",";
    }
    out += "],\"repeat\":";
    appendJsonString(out, repeatCommand(scenario, choice));
    out += "}\n";
    output_.flush();
  }

  void remember(const PlannedRun& planned, const std::string& failure, const std::string& skip_because,
                std::chrono::steady_clock::duration took) {
    const std::string& name = planned.scenario->name;
    const std::size_t slash = name.find_last_of('/');
    const std::string folder = slash == std::string::npos ? "" : "." + name.substr(0, slash);
    cases_.push_back({.group = "cases" + folder,
                      .name = fmt::format("{}.{}", slash == std::string::npos ? name : name.substr(slash + 1),
                                          toString(planned.runtime)),
                      .took = std::chrono::duration_cast<std::chrono::milliseconds>(took),
                      .failure = failure,
                      .skip_because = skip_because});
  }

  const ScenarioOptions& options_;
  const std::shared_ptr<const RunBackend> backend_;
  StandardOutput output_;
  EventPrinter printer_{false};
  std::vector<JUnitCase> cases_;
};

/// But for what its checkers may find: that is the scenario's doing.
void expectNothing(ScenarioExpectations& expectations) {
  ScenarioExpectations nothing;
  nothing.allowed_findings = std::move(expectations.allowed_findings);
  nothing.counts["compiled"] = parseExpectedCount("any").value();
  expectations = std::move(nothing);
}

/// What speaks where a scenario does not say it.
std::shared_ptr<const Dialect> dialectOf(const ScenarioOptions& options) {
  if (wantsGrpc(options)) {
    if (options.protocol == "jitserver")
      throw CommandError(ExitStatus::wrongUsage, "--protocol: over gRPC there is only jitaas");
    return grpcDialect({}, {});
  }
  return options.protocol.empty() ? nullptr : loadDialect({}, {}, {.protocol = options.protocol});
}

/// `lacks`, by the scenario's name: what it needs and gRPC has not. A file that can be read for JITServer
/// alone names what only that has.
Scenario loadForGrpc(const ScenarioFile& file, const std::shared_ptr<const Dialect>& dialect,
                     std::map<std::string, std::string>& lacks) {
  try {
    Scenario scenario = loadScenario(file, dialect);
    // One that says that it is made for gRPC is wrong then, and not skipped.
    if (!isMadeForGrpc(scenario)) lacks[scenario.name] = whatGrpcLacks(scenario);
    return scenario;
  } catch (const CommandError& error) {
    Scenario scenario = loadScenario(file);
    const std::string_view why = error.what();
    lacks[scenario.name] = why.starts_with(file.path) ? why.substr(file.path.size() + 1) : why;
    return scenario;
  }
}

}  // namespace

ExitStatus runScenarios(const ScenarioOptions& options) {
  std::vector<Scenario> scenarios;
  const std::shared_ptr<const Dialect> dialect = dialectOf(options);
  std::map<std::string, std::string> lacks;
  for (const ScenarioFile& file : wantedScenarios(options.wanted)) {
    scenarios.push_back(wantsGrpc(options) ? loadForGrpc(file, dialect, lacks) : loadScenario(file, dialect));
    if (options.checkers_only) expectNothing(scenarios.back().expect);
  }
  const std::vector<PlannedRun> planned = planRuns(scenarios, options, lacks);
  const bool one_run = planned.size() == 1 && planned[0].first_seed == planned[0].last_seed;
  if (!options.capture.empty() && !one_run) {
    throw CommandError(ExitStatus::wrongUsage,
                       "--capture holds one run: give one scenario, its --runtime and a --seed");
  }
  if (!(options.budget + options.write_budget).empty() && !one_run) {
    throw CommandError(
        ExitStatus::wrongUsage,
        "--budget and --write-budget are for one run: give one scenario, its --runtime and a --seed");
  }
  ScenarioRuns runs(options);
  bool all_passed = true;
  for (const PlannedRun& run : planned) all_passed &= runs.run(run);
  runs.writeJUnit();
  return all_passed ? ExitStatus::fine : ExitStatus::foundSomething;
}

}  // namespace jitrig
