#pragma once

#include <optional>
#include <span>
#include <string>

#include "protocol/stream/dialect.h"
#include "protocol/wire/message.h"
#include "protocol/wire/value.h"

namespace jitrig {

/// What may differ between a recording and its replay (architecture decision 8).
struct ComparisonRules {
  bool client_uid = true;        ///< the first data point of a request, and of the goodbye
  bool sequence_numbers = true;  ///< of a request
  bool server_uid = true;        ///< the data point of getUnloadedClassRangesAndCHTable
  bool versions = false;         ///< version and configuration words

  /// Nothing may.
  static ComparisonRules exact() { return {false, false, false, false}; }
};

/// The first difference in words: "data point 3: recorded object(01…), received object(02…)".
std::optional<std::string> compareMessages(const Message& recorded, const Message& received,
                                           const Dialect& dialect, const ComparisonRules& rules);

/// The same for data points that belong to a message of that type.
std::optional<std::string> compareValues(std::span<const Value> recorded, std::span<const Value> received,
                                         std::span<const bool> may_differ = {});

}  // namespace jitrig
