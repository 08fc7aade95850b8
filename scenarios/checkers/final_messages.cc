#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/breaches.h"

namespace jitrig {

namespace {

void check(Judgement& judgement) {
  findBreaches(judgement, Breach::Kind::finalMessage);
}

}  // namespace

const Checker kFinalMessages{
    "final_messages",
    "A request has one final message at most; the server says nothing after it, and the client asks for "
    "nothing more before it.",
    check, false};

}  // namespace jitrig
