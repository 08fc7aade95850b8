#include "bench/stream/counter_table.h"

#include <fmt/format.h>
#include <iostream>

namespace jitrig::bench {

bool CounterTable::ReportContext(const Context& context) {
  const auto& load = context.cpu_info.load_avg;
  GetOutputStream() << fmt::format("load {}, {} CPUs\n\n", load.empty() ? 0.0 : load[0],
                                   context.cpu_info.num_cpus);
  return true;
}

void CounterTable::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    const std::string& name = run.run_name.function_name;
    if (run.error_occurred) {
      failed_ = true;
      GetErrorStream() << fmt::format("{}: {}\n", name, run.error_message);
    } else {
      print(name, run.counters);
    }
  }
  GetOutputStream() << std::flush;
}

double CounterTable::value(const benchmark::UserCounters& counters, const char* name) {
  const auto counter = counters.find(name);
  return counter == counters.end() ? 0 : counter->second.value;
}

int runBenchmarks(CounterTable& table, int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const std::size_t run = benchmark::RunSpecifiedBenchmarks(&table);
  return run == 0 || table.failed() ? 1 : 0;
}

}  // namespace jitrig::bench
