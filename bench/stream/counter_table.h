#pragma once

#include <benchmark/benchmark.h>
#include <string>
#include <vector>

namespace jitrig::bench {

/// Prints what matters of the counters of each benchmark, in place of Google Benchmark's table of times.
class CounterTable : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;

  /// Whether a benchmark ended with an error.
  bool failed() const { return failed_; }

 protected:
  virtual void print(const std::string& name, const benchmark::UserCounters& counters) = 0;
  /// 0 if there is none.
  static double value(const benchmark::UserCounters& counters, const char* name);

 private:
  bool failed_ = false;
};

/// What main() of a program of benchmarks does, and its exit status: 0 if there were any and none failed.
int runBenchmarks(CounterTable& table, int argc, char** argv);

}  // namespace jitrig::bench
