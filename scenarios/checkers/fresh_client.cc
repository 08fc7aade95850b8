#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  for (std::size_t i = 0; i < record.vms.size(); ++i) {
    const VMRecord& vm = record.vms[i];
    if (!vm.fresh || vm.misbehaves()) continue;
    if (vm.server && record.servers[*vm.server].misbehaves()) continue;
    std::uint64_t compiled = 0;
    std::string why;
    for (const auto& told : vm.reports) {
      if (told.report.result == CompilationResult::compiled) {
        ++compiled;
      } else {
        why = fmt::format("; compilation {}: {}, {}", told.report.number, toString(told.report.result),
                          told.report.detail);
      }
    }
    if (compiled == vm.compilations) continue;
    judgement.find(fmt::format("{}: the server compiled {} of {} for a client that came when all faults were "
                               "off{}",
                               vm.name, compiled, vm.compilations, why),
                   {{.vm = i}});
  }
}

}  // namespace

const Checker kFreshClient{"fresh_client",
                           "A client that comes at the end, when all faults are off, is served.", check};

}  // namespace jitrig
