// Complete random runs, with faults, misbehaviours, recording, and all checkers.
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bench/scenarios/measured.h"
#include "scenarios/checkers/checker.h"
#include "scenarios/record/run_record.h"
#include "scenarios/simulate/scenario_generator.h"
#include "scenarios/simulate/seed_run.h"

namespace jitrig::bench {
namespace {

constexpr std::uint64_t kRuns = 2'000;

struct Runs {
  std::uint64_t count = 0;
  std::uint64_t messages = 0;
  std::uint64_t failed = 0;
  double seconds = 0;
};

void runOne(std::uint64_t seed, const Scenario& scenario, Runs& runs) {
  const double begin = cpuSeconds();
  const ScenarioResult result = runScenario(scenario, seedChoice(scenario, seed));
  runs.seconds += cpuSeconds() - begin;
  ++runs.count;
  runs.messages += result.messages;
  if (!result.passed()) ++runs.failed;
}

/// The seeds of a profile, their drawing included; TLS worlds apart.
void runProfile(const Profile& profile, std::uint64_t count, Runs& plain, Runs& tls) {
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    const double begin = cpuSeconds();
    const Scenario scenario = drawScenario(seed, profile);
    Runs& runs = scenario.runtimes.front() == ScenarioRuntime::simulatedTls ? tls : plain;
    runs.seconds += cpuSeconds() - begin;
    runOne(seed, scenario, runs);
  }
}

void add(std::vector<Measured>& all, const std::string& name, const Runs& runs, bool is_asked) {
  if (runs.count == 0) return;
  const double rate = static_cast<double>(runs.count) / runs.seconds;
  const double messages = static_cast<double>(runs.messages) / static_cast<double>(runs.count);
  all.push_back({name + "_per_s", rate, is_asked ? ">= 500" : "", !is_asked || rate >= 500});
  all.push_back(
      {name + "_messages_each", messages, is_asked ? ">= 1000" : "", !is_asked || messages >= 1'000});
  all.push_back({name + "_failed", static_cast<double>(runs.failed), "0", runs.failed == 0});
}

}  // namespace

std::uint64_t residentKilobytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    std::uint64_t kilobytes = 0;
    status >> kilobytes;
    return kilobytes;
  }
  throw std::runtime_error("/proc/self/status has no VmRSS");
}

std::vector<Measured> measureRuns(double scale) {
  const auto count = static_cast<std::uint64_t>(scale * static_cast<double>(kRuns));
  std::vector<Measured> all;
  Runs plain;
  Runs tls;
  runProfile(findProfile("everything").value(), count, plain, tls);
  add(all, "runs_of_everything", plain, true);
  add(all, "tls_runs_of_everything", tls, false);
  for (const char* name : {"calm", "network", "crash", "hostile"}) {
    Runs runs;
    Runs none;
    runProfile(findProfile(name).value(), count / 4, runs, none);
    add(all, std::string("runs_of_") + name, runs, false);
  }
  return all;
}

std::vector<Measured> measureMemory(double scale) {
  constexpr double kManyRuns = 100'000;
  constexpr std::uint64_t kFirstRuns = 2'000;
  const Profile profile = findProfile("everything").value();
  Runs runs;
  runProfile(profile, kFirstRuns, runs, runs);
  const std::uint64_t before = residentKilobytes();
  runProfile(profile, static_cast<std::uint64_t>(scale * kManyRuns), runs, runs);
  const std::uint64_t after = residentKilobytes();
  const double growth = static_cast<double>(after) - static_cast<double>(before);
  return {{"resident_kb_after_2000_runs", static_cast<double>(before), "", true},
          {"growth_kb_over_" + std::to_string(static_cast<std::uint64_t>(scale * kManyRuns)) + "_more",
           growth, "< 4096", growth < 4'096}};
}

}  // namespace jitrig::bench
