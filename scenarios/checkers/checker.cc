#include "scenarios/checkers/checker.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"
#include "scenarios/record/record_text.h"

namespace jitrig {

std::span<const Checker> checkers() {
  static const std::array kCheckers{
      kActivation,      kAgreement,     kAlternation,  kAOTCache,       kAOTMap,     kAttempts,
      kCauses,          kCheckpoints,   kClassChanges, kClassUnloading, kDelivery,   kEndedOnce,
      kFarewells,       kFinalMessages, kFreshClient,  kGoodbyes,       kJitDumps,   kLeaks,
      kOwnReplies,      kProgress,      kQueueOrder,   kRequestOrder,   kResults,    kScripts,
      kSequenceNumbers, kServerStates,  kSessions,     kStatistics,     kStreamEnds, kVersions,
      kWireForm,        kWorld};
  return kCheckers;
}

const Checker* findChecker(std::string_view name) {
  const auto all = checkers();
  const auto found = std::ranges::find(all, name, &Checker::name);
  return found == all.end() ? nullptr : &*found;
}

std::vector<Finding> judge(const RunRecord& record) {
  Judgement judgement(record);
  // A world that was taken down left compilations without an end, and streams without a word.
  const bool finished = record.outcome == WorldOutcome::finished;
  for (const Checker& checker : checkers()) {
    if (finished || !checker.needs_the_end) judgement.run(checker);
  }
  return judgement.takeFindings();
}

std::string toText(const Finding& finding, const RunRecord& record) {
  std::string text = fmt::format("{}: {}\n", finding.checker, finding.text);
  for (const Concerned& concerned : finding.concerned) {
    if (concerned.end) text += eventsText(record, *concerned.end, concerned.order);
  }
  return text;
}

}  // namespace jitrig
