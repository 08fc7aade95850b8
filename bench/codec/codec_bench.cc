#include <benchmark/benchmark.h>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "bench/codec/allocation_count.h"
#include "bench/codec/operations.h"

namespace {

/// Of one call in steady state: when all storage that is kept is there.
double allocationsPerMessage(void (*run)()) {
  constexpr int kWarmUp = 4;
  constexpr int kCounted = 16;
  for (int done = 0; done < kWarmUp; ++done) run();
  const auto before = jitrig::bench::allocationCount();
  for (int done = 0; done < kCounted; ++done) run();
  return static_cast<double>(jitrig::bench::allocationCount() - before) / kCounted;
}

void measure(benchmark::State& state, void (*run)()) {
  const double allocations = allocationsPerMessage(run);
  for (auto _ : state) run();
  state.counters["allocations"] = allocations;
}

}  // namespace

/// All codecs and messages in one process; bench/tables.py wants them interleaved.
int main(int argc, char** argv) try {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const std::vector<jitrig::bench::Operation> operations = jitrig::bench::allOperations();
  // All storage that is kept comes now, in this order. If it came as the rounds are shuffled, it would lie
  // elsewhere in each run, and where a buffer lies in its page can cost a small message as much as writing
  // it.
  for (const jitrig::bench::Operation& operation : operations) operation.run();
  for (const jitrig::bench::Operation& operation : operations) {
    const std::string name = operation.message + "/" + operation.action + "/" + operation.codec;
    benchmark::RegisterBenchmark(name.c_str(), measure, operation.run);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "codec_bench: %s\n", error.what());
  return 1;
}
