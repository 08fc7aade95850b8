#include <fmt/format.h>
#include <map>
#include <set>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

bool endedByItself(const VMRecord& vm) {
  return vm.summary && !vm.stopped && !vm.killed && vm.summary->fatal.empty();
}

/// Methods of which the last attempt was told.
std::multiset<std::uint64_t> methodsOf(const VMRecord& vm) {
  std::multiset<std::uint64_t> methods;
  for (const auto& told : vm.reports) {
    if (!told.report.tried_again) methods.insert(told.report.number);
  }
  return methods;
}

/// Nothing is compiled twice, or forgotten, over a checkpoint.
void checkMethods(Judgement& judgement, const VMRecord& before, std::size_t index) {
  const VMRecord& vm = judgement.record().vms[index];
  if (!endedByItself(before) || !endedByItself(vm)) return;
  auto methods = methodsOf(before);
  methods.merge(methodsOf(vm));
  for (std::uint64_t number = 0; number < vm.compilations; ++number) {
    if (methods.count(number) == 1) continue;
    judgement.find(
        fmt::format("{}: method {} was compiled {} times before and after the checkpoint, expected once",
                    vm.name, number, methods.count(number)),
        {{.vm = index}});
    return;
  }
}

void check(Judgement& judgement) {
  const auto& vms = judgement.record().vms;
  std::map<std::uint64_t, std::size_t> uids;  // whose they were first
  for (std::size_t i = 0; i < vms.size(); ++i) {
    const VMRecord& vm = vms[i];
    if (vm.client_uid == 0 || vm.misbehaves()) continue;
    const auto [first, is_new] = uids.try_emplace(vm.client_uid, i);
    if (!vm.restored_from) continue;
    const VMRecord& before = vms[*vm.restored_from];
    if (!is_new) {
      judgement.find(fmt::format("{}: restored with the UID of {}, {:016x}, expected one of its own", vm.name,
                                 vms[first->second].name, vm.client_uid),
                     {{.vm = i}});
    }
    checkMethods(judgement, before, i);
    for (const RecordedConnection& connection : judgement.record().connections) {
      const auto& end = connection.end(Direction::client);
      const bool is_old = end && end->persona == *vm.restored_from;
      if (!is_old || (!end->isOpen() && vm.began && end->closed_order < vm.began->order)) continue;
      judgement.find(
          fmt::format("{}: the connection {} of {} was still there", vm.name, end->name, before.name),
          {{.vm = i}});
    }
  }
}

}  // namespace

const Checker kCheckpoints{
    "checkpoints",
    "A VM has no connections over a checkpoint; restored, it has a UID of its own and goes on where it was.",
    check};

}  // namespace jitrig
