#pragma once

#include <vector>

#include "scenarios/checkers/checker.h"
#include "scenarios/record/run_record.h"
#include "scenarios/run/run_context.h"
#include "scenarios/run/run_counts.h"

namespace jitrig {

/// What of Scenario::expect does not hold, as findings of "expect".
std::vector<Finding> unmetExpectations(const RunRecord& record, const RunCounts& counts,
                                       const RunContext& context);

}  // namespace jitrig
