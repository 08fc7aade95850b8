#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "scenarios/record/run_record.h"
#include "scenarios/run/run_context.h"

namespace jitrig {

/// All that scenarioCountNames() name, by what an expectation may call it: "compiled" of all VMs,
/// "slow.compiled" of those of that name, "server.compiled", "faults". Fresh clients are not counted, neither
/// where they were nor where they were served. A name that several lives share has them all. What an
/// external program counts is not known, and so not among them.
using RunCounts = std::map<std::string, std::uint64_t>;
RunCounts countsOf(const RunCast& cast, const RunRecord& record);

}  // namespace jitrig
