#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

std::string_view textOf(WorldOutcome outcome) {
  switch (outcome) {
    case WorldOutcome::finished: return "finished";
    case WorldOutcome::deadlock: return "deadlock: nobody could go on, and no deadline was set";
    case WorldOutcome::stepBudgetUsed: return "livelock: all steps were used up";
    case WorldOutcome::virtualTimeUsed: return "all virtual time was used up";
    case WorldOutcome::failed: return "an exception came out of its main task";
    case WorldOutcome::gaveUp: return "it had not ended when patience was over";
  }
  return "unknown";
}

void check(Judgement& judgement) {
  const RunRecord& record = judgement.record();
  if (record.outcome == WorldOutcome::finished) return;
  judgement.find(fmt::format("the run did not come to its end: {}{}{}", textOf(record.outcome),
                             record.outcome_detail.empty() ? "" : "\n", record.outcome_detail));
}

}  // namespace

const Checker kWorld{"world", "The run comes to its end: no deadlock, no livelock, no time used up.", check,
                     false};

}  // namespace jitrig
