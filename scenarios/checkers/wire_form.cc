#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {
namespace {

void check(Judgement& judgement) {
  for (const EndHistory& history : judgement.histories()) {
    const RecordedEnd& end = judgement.end(history.end);
    if (!judgement.isJudged(end) || !end.written.misform) continue;
    const RecordedMisform& misform = *end.written.misform;
    judgement.find(
        fmt::format("{}: byte {}: {}", judgement.textOf(history.end, history.end.local, misform.frame),
                    misform.problem.offset, misform.problem.what),
        {{.end = history.end, .order = end.written.frames[misform.frame].order}});
  }
}

}  // namespace

const Checker kWireForm{"wire_form", "Every message has the form that a real peer's has, to the last byte.",
                        check, false};

}  // namespace jitrig
