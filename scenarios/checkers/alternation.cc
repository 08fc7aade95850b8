#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/breaches.h"
#include "scenarios/checkers/judgement.h"

namespace jitrig {

void findBreaches(Judgement& judgement, Breach::Kind kind) {
  for (const EndHistory& history : judgement.histories()) {
    const RecordedEnd& end = judgement.end(history.end);
    if (!judgement.isJudged(end)) continue;
    for (const Breach& breach : history.breaches) {
      if (breach.kind != kind) continue;
      const auto& frame = end.written.frames[breach.frame];
      judgement.find(fmt::format("{}, {} message {}: {}", judgement.textOf(history.end),
                                 arrowText(history.end.local), breach.frame + 1, breach.text),
                     {{.end = history.end, .order = frame.order}});
    }
  }
}

namespace {

void check(Judgement& judgement) {
  findBreaches(judgement, Breach::Kind::alternation);
}

}  // namespace

const Checker kAlternation{
    "alternation",
    "Each end writes only when it is its turn: one query, its reply of the same type, and nobody speaks "
    "unasked.",
    check, false};

}  // namespace jitrig
