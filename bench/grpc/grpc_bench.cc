// The program of ./dev bench grpc: the gRPC backend beside bare gRPC, and beside the other generations.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "bench/codec/allocation_count.h"
#include "bench/grpc/bare_grpc.h"
#include "bench/grpc/conversations.h"
#include "bench/grpc/sent_bytes.h"
#include "bench/stream/counter_table.h"
#include "bench/stream/one_cpu.h"
#include "bench/stream/paired_times.h"
#include "protocol/grpc/compile_frames.h"

namespace jitrig::bench {
namespace {

constexpr int kBlock = 200;  // round trips

/// As many bytes each way as ours.
std::unique_ptr<BareGrpc> bareBytes() {
  std::vector<std::byte> asked;
  std::vector<std::byte> answered;
  const auto query = jitaasQuery();
  const auto answer = jitaasAnswer();
  return makeBareBytes(serverMessageOf(readCompileFrame(query).value(), asked),
                       clientMessageOf(readCompileFrame(answer).value(), answered));
}

void besideBareGrpc(benchmark::State& state, Generation which, bool with_messages) {
  const OneCpu one_cpu;
  offerHealthService();  // as ours does: it costs more than all else here
  // Who asks is the client here and the server in ours: the same number of messages each way.
  const auto bare = with_messages ? makeBareMessages() : bareBytes();
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

void measureAlone(benchmark::State& state, auto& conversation) {
  const auto block = [&] {
    for (int round = 0; round < kBlock; ++round) conversation.roundTrip();
  };
  block();
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

void generation(benchmark::State& state, Generation which) {
  const OneCpu one_cpu;
  Conversation conversation(which);
  measureAlone(state, conversation);
}

/// Without the health service only as long as nobody in the process has asked for it: comes first.
void bareGrpc(benchmark::State& state, bool with_health_service) {
  const OneCpu one_cpu;
  if (with_health_service) offerHealthService();
  const auto bare = bareBytes();
  measureAlone(state, *bare);
}

void measured(benchmark::internal::Benchmark* benchmark) {
  benchmark->UseManualTime()->Iterations(PairedTimes::kPairs)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(bareGrpc, alone, false)->Name("bare_grpc/alone")->Apply(measured);
BENCHMARK_CAPTURE(bareGrpc, with_health_service, true)
    ->Name("bare_grpc/with_health_service")
    ->Apply(measured);
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

class GrpcTable final : public CounterTable {
 private:
  void print(const std::string& name, const benchmark::UserCounters& counters) override {
    if (counters.contains("bytes")) {
      GetOutputStream() << fmt::format(
          "{:<44}{:>8.1f} us{:>8.0f} bytes{:>10.1f} allocations per round trip\n", name,
          value(counters, "jitrig_us"), value(counters, "bytes"), value(counters, "allocations"));
    } else {
      GetOutputStream() << fmt::format("{:<44}{:>8.1f} us, bare {:.1f} us, ratio {:.3f} ({:.3f}-{:.3f})\n",
                                       name, value(counters, "jitrig_us"), value(counters, "bare_us"),
                                       value(counters, "ratio"), value(counters, "ratio_q1"),
                                       value(counters, "ratio_q3"));
    }
  }
};

}  // namespace
}  // namespace jitrig::bench

int main(int argc, char** argv) {
  jitrig::bench::GrpcTable table;
  return jitrig::bench::runBenchmarks(table, argc, argv);
}
