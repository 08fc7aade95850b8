#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/conversation.h"
#include "protocol/catalogue/version_word.h"
#include "protocol/stream/dialect.h"
#include "protocol/wire/value.h"

namespace jitrig {

/// One query of a recorded compilation and what the recorded client did about it.
struct RecordedQuery {
  /// What the recorded client did about the query.
  enum class Answer : std::uint8_t {
    reply,        ///< it answered, with `reply`
    interrupted,  ///< it sent compilationInterrupted
    none,         ///< nothing came: it closed the connection, or the recording ends here
  };

  std::uint16_t type = 0;
  std::vector<Value> values;
  Answer answer = Answer::none;
  std::vector<Value> reply;
};

/// What ended a recorded compilation: compilationCode, compilationFailure, an AOTCache_… message.
struct RecordedFinal {
  std::uint16_t type = 0;
  std::vector<Value> values;
};

/// A compilation as it stands in a recording: what fake peers play from.
struct RecordedCompilation {
  std::uint32_t connection = 0;
  FullVersion announced;  ///< as in its request; 0/0 after the first on a connection
  std::vector<Value> request;
  std::vector<RecordedQuery> queries;
  std::optional<RecordedFinal> end;  ///< nullopt: interrupted, broken, or the recording stops before
};

/// The compilations of a recording in the order of their requests; those of all connections together.
std::vector<RecordedCompilation> recordedCompilations(const Conversation& conversation,
                                                      const Dialect& dialect);

}  // namespace jitrig
