// The program of ./dev bench grpc: the gRPC backend beside bare gRPC, and beside the other generations.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <iostream>
#include <string>
#include <vector>

#include "bench/codec/allocation_count.h"
#include "bench/grpc/bare_grpc.h"
#include "bench/grpc/conversations.h"
#include "bench/grpc/sent_bytes.h"
#include "bench/stream/one_cpu.h"
#include "bench/stream/paired_times.h"
#include "protocol/grpc/compile_frames.h"

namespace jitrig::bench {
namespace {

constexpr int kBlock = 200;  // round trips

void besideBareGrpc(benchmark::State& state, Generation which, bool with_messages) {
  const OneCpu one_cpu;
  // Before ours: gRPC adds its health service and reflection to all servers made after they were asked for.
  // Who asks is the client here and the server in ours: the same number of messages each way.
  const auto bare = with_messages ? makeBareMessages()
                                  : makeBareBytes(serverMessageOf(jitaasQuery()).value(),
                                                  clientMessageOf(jitaasAnswer()).value());
  Conversation conversation(which);
  measurePairs(
      state, kBlock,
      [&] {
        for (int round = 0; round < kBlock; ++round) conversation.roundTrip();
      },
      [&] {
        for (int round = 0; round < kBlock; ++round) bare->roundTrip();
      });
}

void generation(benchmark::State& state, Generation which) {
  const OneCpu one_cpu;
  Conversation conversation(which);
  const auto block = [&] {
    for (int round = 0; round < kBlock; ++round) conversation.roundTrip();
  };
  block();
  std::vector<double> times;
  const std::uint64_t bytes = sentBytes();
  const std::uint64_t allocations = allocationCount();
  std::int64_t blocks = 0;
  PairedTimes unpaired;
  for (auto iteration : state) {
    const double seconds = secondsOf(block);
    unpaired.add(seconds, seconds);
    state.SetIterationTime(seconds);
    ++blocks;
  }
  unpaired.report(state, kBlock);
  const double rounds = static_cast<double>(blocks) * kBlock;
  state.counters["bytes"] = static_cast<double>(sentBytes() - bytes) / rounds;
  state.counters["allocations"] = static_cast<double>(allocationCount() - allocations) / rounds;
}

void measured(benchmark::internal::Benchmark* benchmark) {
  benchmark->UseManualTime()->Iterations(PairedTimes::kPairs)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(besideBareGrpc, frames, Generation::grpcFrames, false)
    ->Name("beside_bare_grpc/frames")
    ->Apply(measured);
BENCHMARK_CAPTURE(besideBareGrpc, values, Generation::grpc, false)
    ->Name("beside_bare_grpc/values")
    ->Apply(measured);
BENCHMARK_CAPTURE(besideBareGrpc, messages, Generation::grpc, true)
    ->Name("beside_bare_messages/values")
    ->Apply(measured);
BENCHMARK_CAPTURE(generation, raw, Generation::raw)->Name("generations/raw")->Apply(measured);
BENCHMARK_CAPTURE(generation, sockets, Generation::protobufSockets)
    ->Name("generations/protobuf_sockets")
    ->Apply(measured);
BENCHMARK_CAPTURE(generation, grpc, Generation::grpc)->Name("generations/grpc")->Apply(measured);

class GrpcTable final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const std::string& name = run.run_name.function_name;
      const auto value = [&run](const char* counter) { return run.counters.at(counter).value; };
      if (run.error_occurred) {
        failed_ = true;
        GetErrorStream() << fmt::format("{}: {}\n", name, run.error_message);
      } else if (run.counters.contains("bytes")) {
        GetOutputStream() << fmt::format(
            "{:<32}{:>10.1f} us{:>10.0f} bytes{:>10.1f} allocations per round trip\n", name,
            value("jitrig_us"), value("bytes"), value("allocations"));
      } else {
        GetOutputStream() << fmt::format("{:<32}{:>10.1f} us, bare {:.1f} us, ratio {:.3f} ({:.3f}-{:.3f})\n",
                                         name, value("jitrig_us"), value("bare_us"), value("ratio"),
                                         value("ratio_q1"), value("ratio_q3"));
      }
    }
    GetOutputStream() << std::flush;
  }

  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
};

}  // namespace
}  // namespace jitrig::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  jitrig::bench::GrpcTable table;
  const std::size_t run = benchmark::RunSpecifiedBenchmarks(&table);
  return run == 0 || table.failed() ? 1 : 0;
}
