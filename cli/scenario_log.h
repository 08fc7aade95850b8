#pragma once

namespace jitrig {

class EventPrinter;
struct RunRecord;  // scenarios/record/run_record.h

/// What each persona of a run would have printed, had it been a program (`jitrig fakevm`, `jitrig
/// fakecompiler`), in the order in which it happened: its name stands before each line. Summaries are left
/// out.
void printLog(EventPrinter& printer, const RunRecord& record);

}  // namespace jitrig
