#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "scenarios/record/run_record.h"

namespace jitrig {

/// "connection 3 (127.0.0.1:40000 -> 127.0.0.1:38400)".
std::string connectionText(const RunRecord& record, std::size_t connection);

/// "vm 1's end of connection 3 (…)".
std::string endText(const RunRecord& record, EndReference end);

/// One message in the catalogue's text form, as far as its bytes were kept: "VM_isClassArray(object(0a0b…))".
std::string frameText(const RunRecord& record, EndReference end, Direction sender, std::size_t frame);

/// What one end did around that moment, and what happened to it: `count` lines before and a few after, each
/// with its time, its message's number and text; reports and ends of the stream among them. `order` 0: the
/// end of the run.
std::string eventsText(const RunRecord& record, EndReference end, std::uint64_t order,
                       std::size_t count = 12);

/// All that is recorded, for people: personas, faults, connections with their messages, `count` of each end
/// at most.
std::string recordText(const RunRecord& record, std::size_t count = 1'000'000);

}  // namespace jitrig
