// Worlds, one after the other: how many a second, and whether they leave something behind.

#include <array>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "bench/simulation/resident_memory.h"
#include "protocol/runtime/simulation/simulated_runtime.h"

namespace jitrig::bench {
namespace {

/// A server and three clients on hosts of their own, each with a few messages; one host crashes now and then.
void runWorld(std::uint64_t seed) {
  SimulatedRuntime runtime(SimulationOptions{.seed = seed});
  runtime.run([&] {
    SimulatedHost& host = runtime.host("server");
    const auto server = host.runtime().spawn("server", [&] {
      const auto acceptor = runtime.listen({.host = "", .port = 38400}).value();
      std::vector<std::unique_ptr<Task>> handlers;
      for (int number = 0; number < 3; ++number) {
        auto accepted = acceptor->accept(runtime.now() + std::chrono::seconds(1));
        if (!accepted) return;
        handlers.push_back(runtime.spawn("handler", [connection = std::move(*accepted)] {
          std::array<std::byte, 64> buffer{};
          while (const auto count = connection->readSome(buffer, kNever)) {
            if (!connection->writeSome(std::span(buffer).first(*count), kNever)) return;
          }
        }));
      }
    });
    std::vector<std::unique_ptr<Task>> clients;
    for (const char* name : {"a", "b", "c"}) {
      clients.push_back(runtime.onHost(name).spawn("client", [&] {
        runtime.sleepUntil(runtime.now() + std::chrono::milliseconds(1));
        const auto connection = runtime.connect({.host = "server", .port = 38400}, kNever);
        if (!connection) return;
        std::array<std::byte, 64> buffer{};
        for (int round = 0; round < 20; ++round) {
          const Instant deadline = runtime.now() + std::chrono::seconds(1);
          if (!(*connection)->writeSome(buffer, deadline) || !(*connection)->readSome(buffer, deadline))
            return;
        }
      }));
    }
    if (seed % 4 == 0) {
      runtime.sleepUntil(runtime.now() + std::chrono::milliseconds(5));
      host.crash(seed % 8 == 0 ? HostCrash::closes : HostCrash::vanishes);
    }
  });
}

/// Memory before and after, in worlds of 100,000 different seeds.
void worlds(benchmark::State& state) {
  std::uint64_t seed = 0;
  for (; seed < 1'000; ++seed) runWorld(seed);
  const double before_mib = residentMib();
  for (auto _ : state) runWorld(seed++);
  state.SetItemsProcessed(state.iterations());
  state.counters["resident_before_mib"] = before_mib;
  state.counters["resident_after_mib"] = residentMib();
}

void emptyWorlds(benchmark::State& state) {
  for (auto _ : state) {
    SimulatedRuntime runtime;
    runtime.runOrThrow([] {});
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(emptyWorlds)->Name("worlds/empty");
BENCHMARK(worlds)->Name("worlds/100000")->Iterations(100'000);

}  // namespace
}  // namespace jitrig::bench
