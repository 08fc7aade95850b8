#include <fmt/format.h>
#include <map>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

/// What was seen of one VM's requests so far.
struct Seen {
  std::map<std::uint32_t, EndReference> numbers;
};

/// One for each attempt. Of a VM that was killed those in progress have no report.
std::uint64_t mostNumbers(const VMRecord& vm) {
  if (vm.open_ended) return vm.reports.size() + vm.compilation_threads;
  return vm.compilations * (vm.livesAsReal() ? kMaxCompileAttempts : 1);
}

void checkEnd(Judgement& judgement, const EndHistory& history, const VMRecord& vm, Seen& seen) {
  std::optional<std::uint32_t> last;
  for (std::size_t i = 0; i < history.exchanges.size(); ++i) {
    const Exchange& exchange = history.exchanges[i];
    if (!exchange.identity) continue;
    const auto& identity = *exchange.identity;
    const ExchangeReference reference{.end = history.end, .exchange = i};
    const std::vector<Concerned> concerned{{.end = history.end, .order = exchange.last_order}};
    const auto find = [&](const std::string& what) {
      judgement.find(fmt::format("{}: {}", judgement.textOf(reference), what), concerned);
    };
    if (identity.client_uid != vm.client_uid) {
      find(fmt::format("expected the UID of {}, {:016x}", vm.name, vm.client_uid));
    }
    const std::uint64_t most = mostNumbers(vm) + vm.jit_dumps.size();
    if (identity.sequence_number == 0 || identity.sequence_number > most) {
      find(fmt::format("expected a sequence number from 1 to {}", most));
    }
    const auto [before, is_new] = seen.numbers.try_emplace(identity.sequence_number, history.end);
    if (!is_new) find(fmt::format("the same sequence number as on {}", judgement.textOf(before->second)));
    if (last && identity.sequence_number <= *last) {
      find(fmt::format("expected a sequence number above {}, that of the request before", *last));
    }
    last = identity.sequence_number;
  }
}

void check(Judgement& judgement) {
  std::map<std::size_t, Seen> seen;  // by VM
  for (const EndHistory& history : judgement.histories()) {
    if (history.end.local != Direction::client) continue;
    const RecordedEnd& end = judgement.end(history.end);
    const VMRecord& vm = judgement.record().vms[end.persona];
    if (vm.misbehaves() || vm.client_uid == 0) continue;
    checkEnd(judgement, history, vm, seen[end.persona]);
  }
}

}  // namespace

const Checker kSequenceNumbers{
    "sequence_numbers",
    "A VM's requests carry its UID and sequence numbers from 1, each once, rising on every connection.",
    check, false};

}  // namespace jitrig
