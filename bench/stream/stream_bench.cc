// The program of ./dev bench stream: Google Benchmark, with a table of the figures that matter here.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <iostream>
#include <string>
#include <vector>

namespace jitrig::bench {
namespace {

class Table final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override {
    const auto& load = context.cpu_info.load_avg;
    GetOutputStream() << fmt::format("load {}, {} CPUs\n\n", load.empty() ? 0.0 : load[0],
                                     context.cpu_info.num_cpus);
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const std::string& name = run.run_name.function_name;
      if (run.error_occurred) {
        failed_ = true;
        GetErrorStream() << fmt::format("{}: {}\n", name, run.error_message);
      } else if (run.counters.contains("ratio")) {
        printPairs(name, run.counters);
      } else {
        printBytes(name, run.counters);
      }
    }
    GetOutputStream() << std::flush;
  }

  bool failed() const { return failed_; }

 private:
  using Counters = benchmark::UserCounters;

  static double value(const Counters& counters, const char* name) {
    const auto counter = counters.find(name);
    return counter == counters.end() ? 0 : counter->second.value;
  }

  void printPairs(const std::string& name, const Counters& counters) {
    printHead(pairs_head_, fmt::format("{:<34}{:>8}{:>16}{:>12}{:>12}", "of interleaved pairs", "median",
                                       "quartiles", "jitrig us", "bare us"));
    GetOutputStream() << fmt::format(
        "{:<34}{:>8.3f}{:>16}{:>12.2f}{:>12.2f}\n", name, value(counters, "ratio"),
        fmt::format("{:.3f}-{:.3f}", value(counters, "ratio_q1"), value(counters, "ratio_q3")),
        value(counters, "jitrig_us"), value(counters, "bare_us"));
  }

  void printBytes(const std::string& name, const Counters& counters) {
    const auto compiled = counters.find("idle_after_bytes");
    printHead(bytes_head_, fmt::format("{:<34}{:>16}{:>22}", "user memory of an idle connection",
                                       "bytes, new", "after a compilation"));
    GetOutputStream() << fmt::format(
        "{:<34}{:>16.0f}{:>22}\n", name, value(counters, "idle_before_bytes"),
        compiled == counters.end() ? "" : fmt::format("{:.0f}", compiled->second.value));
  }

  void printHead(bool& printed, const std::string& head) {
    if (!printed) GetOutputStream() << '\n' << head << '\n';
    printed = true;
  }

  bool pairs_head_ = false;
  bool bytes_head_ = false;
  bool failed_ = false;
};

}  // namespace
}  // namespace jitrig::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  jitrig::bench::Table table;
  const std::size_t run = benchmark::RunSpecifiedBenchmarks(&table);
  return run == 0 || table.failed() ? 1 : 0;
}
