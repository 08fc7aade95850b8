#pragma once

#include "scenarios/checkers/judgement.h"

namespace jitrig {

/// Finds all breaches of a kind. An end is judged by what it writes, given what it has read; so no fault and
/// no peer excuses anything.
void findBreaches(Judgement& judgement, Breach::Kind kind);

}  // namespace jitrig
