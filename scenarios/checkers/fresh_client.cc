#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"
#include "scenarios/checkers/memory_shortage.h"

namespace jitrig {
namespace {

/// Its server answered as its script wants, or had no memory, as the scenario wants: that is service, too.
bool failedAsAsked(const RunRecord& record, const VMRecord& vm) {
  for (const ServerRecord& server : record.servers) {
    for (const auto& told : server.reports) {
      const ServerCompilationReport& report = told.report;
      if (report.client_uid != vm.client_uid) continue;
      if (report.outcome != CompilationOutcome::failed) continue;
      if (report.as_asked || foundNoMemory(server, report)) return true;
    }
  }
  return false;
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.vms.size(); ++i) {
    const VMRecord& vm = record.vms[i];
    if (!vm.fresh || vm.misbehaves()) continue;
    if (vm.server && record.servers[*vm.server].misbehaves()) continue;
    std::uint64_t compiled = 0;
    std::string why;
    for (const auto& told : vm.reports) {
      const bool failed = told.report.result == CompilationResult::failed;
      if (told.report.result == CompilationResult::compiled || (failed && failedAsAsked(record, vm))) {
        ++compiled;
      } else {
        why = fmt::format("; compilation {}: {}, {}", told.report.number, toString(told.report.result),
                          told.report.detail);
      }
    }
    if (compiled == vm.compilations) continue;
    judgement.find(
        fmt::format("{}: the server served {} of {} compilations of a client that came when all faults were "
                    "off{}",
                    vm.name, compiled, vm.compilations, why),
        {{.vm = i}});
  }
}

}  // namespace

const Checker kFreshClient{"fresh_client",
                           "A client that comes at the end, when all faults are off, is served.", check};

}  // namespace jitrig
