#pragma once

#include "scenarios/record/run_record.h"

namespace jitrig {

/// Whether two personas do not speak the same: their numbers mean other messages, and one refuses the other.
inline bool speakDifferently(const PersonaRecord& left, const PersonaRecord& right) {
  return left.dialect != right.dialect &&
         (!left.dialect || !right.dialect || !(left.dialect->announced == right.dialect->announced) ||
          left.dialect->table != right.dialect->table);
}

}  // namespace jitrig
