// The program of ./dev bench stream: Google Benchmark, with a table of the figures that matter here.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <string>

#include "bench/stream/counter_table.h"

namespace jitrig::bench {
namespace {

class Table final : public CounterTable {
 private:
  using Counters = benchmark::UserCounters;

  void print(const std::string& name, const Counters& counters) override {
    if (counters.contains("ratio")) {
      printPairs(name, counters);
    } else {
      printBytes(name, counters);
    }
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
};

}  // namespace
}  // namespace jitrig::bench

int main(int argc, char** argv) {
  jitrig::bench::Table table;
  return jitrig::bench::runBenchmarks(table, argc, argv);
}
