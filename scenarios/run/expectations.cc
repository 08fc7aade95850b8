#include "scenarios/run/expectations.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <string>
#include <string_view>

namespace jitrig {
namespace {

/// "compiled" of "slow.compiled".
std::string_view lastPart(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

std::string describe(const ExpectedCount& expected) {
  if (!expected.at_most) return fmt::format("at least {}", expected.at_least);
  if (*expected.at_most == expected.at_least) return fmt::format("{}", expected.at_least);
  if (expected.at_least == 0) return fmt::format("at most {}", *expected.at_most);
  return fmt::format("{} to {}", expected.at_least, *expected.at_most);
}

class Expecting {
 public:
  Expecting(const RunRecord& record, const RunCounts& counts, const RunContext& context)
      : record_(record), counts_(counts), context_(context), expect_(context.scenario.expect) {}

  std::vector<Finding> check() {
    for (const auto& [name, expected] : expect_.counts) checkCount(name, expected);
    if (!saysWhatBecomesOfCompilations()) checkAllCompiled();
    for (const std::string& text : expect_.details) checkDetail(text, true);
    for (const std::string& text : expect_.absent_details) checkDetail(text, false);
    checkTime();
    checkFreshClientsOfPrograms();
    return std::move(findings_);
  }

 private:
  void find(std::string text) { findings_.push_back({.checker = "expect", .text = std::move(text)}); }

  /// A count that is not there is an external program's.
  void checkCount(const std::string& name, const ExpectedCount& expected) {
    const auto found = counts_.find(name);
    if (found == counts_.end()) return;
    if (found->second >= expected.at_least && found->second <= expected.at_most.value_or(found->second))
      return;
    find(fmt::format("{}: {}, expected {}", name, found->second, describe(expected)));
  }

  /// A server's counts have names of their own.
  bool saysWhatBecomesOfCompilations() const {
    return std::ranges::any_of(expect_.counts, [this](const auto& entry) {
      const std::string_view name = lastPart(entry.first);
      const std::string_view who = std::string_view(entry.first).substr(0, entry.first.size() - name.size());
      const bool of_server = std::ranges::any_of(
          context_.scenario.servers, [&](const ScenarioServer& server) { return who == server.name + "."; });
      return !of_server && (name == "compiled" || name == "failed" || name == "terminated" ||
                            name == "interrupted" || name == "local" || name == "compilations");
    });
  }

  void checkAllCompiled() {
    for (const ScenarioVM& vm : context_.scenario.vms) {
      const auto found = counts_.find(vm.name + ".compiled");
      const std::uint64_t expected = vm.count * vm.compilations;
      if (found == counts_.end() || found->second == expected) continue;
      find(fmt::format("{}.compiled: {}, expected all {}{}", vm.name, found->second, expected,
                       firstFailure(vm.name)));
    }
  }

  std::string firstFailure(const std::string& name) const {
    for (std::size_t i = 0; i < record_.vms.size(); ++i) {
      if (context_.cast.vms[i] != name) continue;
      for (const auto& told : record_.vms[i].reports) {
        if (told.report.result != CompilationResult::compiled && !told.report.tried_again)
          return fmt::format("; first {}: {}", toString(told.report.result), told.report.detail);
      }
    }
    return "";
  }

  bool occurs(std::string_view text) const {
    const auto in_detail = [&](const auto& told) { return told.report.detail.contains(text); };
    const auto in_event = [&](const auto& told) { return toString(told.report).contains(text); };
    const auto in_client = [&](const VMRecord& vm) {
      return std::ranges::any_of(vm.reports, in_detail) || std::ranges::any_of(vm.events, in_event) ||
             (vm.summary &&
              (vm.summary->last_connect_error.contains(text) || vm.summary->fatal.contains(text)));
    };
    const auto in_server = [&](const ServerRecord& server) {
      return std::ranges::any_of(server.reports, in_detail) ||
             std::ranges::any_of(server.stream_ends, in_detail);
    };
    return std::ranges::any_of(record_.vms, in_client) || std::ranges::any_of(record_.servers, in_server);
  }

  void checkDetail(const std::string& text, bool wanted) {
    if (occurs(text) == wanted) return;
    find(wanted ? fmt::format("no report's detail has '{}'", text)
                : fmt::format("some report's detail has '{}', which must not occur", text));
  }

  void checkTime() {
    if (!expect_.ends_within_ms || !context_.simulated()) return;
    const auto took = std::chrono::ceil<std::chrono::milliseconds>(context_.vms_ended - Instant{});
    if (took.count() > *expect_.ends_within_ms)
      find(fmt::format("ended after {} ms of virtual time, expected at most {}", took.count(),
                       *expect_.ends_within_ms));
  }

  /// What a program answers is its own affair; that it answers is not.
  void checkFreshClientsOfPrograms() {
    for (const VMRecord& vm : record_.vms) {
      if (!vm.fresh || !vm.server || !record_.servers[*vm.server].external) continue;
      for (const auto& told : vm.reports) {
        const CompilationReport& report = told.report;
        if (report.result == CompilationResult::compiled || report.result == CompilationResult::failed)
          continue;
        find(fmt::format("{}, which came when all faults were off, was not served: {}, {}", vm.name,
                         toString(report.result), report.detail));
      }
    }
  }

  const RunRecord& record_;
  const RunCounts& counts_;
  const RunContext& context_;
  const ScenarioExpectations& expect_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> unmetExpectations(const RunRecord& record, const RunCounts& counts,
                                       const RunContext& context) {
  return Expecting(record, counts, context).check();
}

}  // namespace jitrig
