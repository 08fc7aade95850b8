// Small messages between two tasks, as the protocol has them: one asks, one answers.

#include <array>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "protocol/runtime/simulation/simulated_runtime.h"

namespace jitrig::bench {
namespace {

constexpr int kRoundTrips = 10'000;
constexpr std::size_t kMessageBytes = 64;

void writeMessage(Connection& connection, std::span<const std::byte> bytes) {
  while (!bytes.empty()) bytes = bytes.subspan(connection.writeSome(bytes, kNever).value());
}

void readMessage(Connection& connection, std::span<std::byte> buffer, Instant deadline) {
  while (!buffer.empty()) buffer = buffer.subspan(connection.readSome(buffer, deadline).value());
}

/// Each read has a deadline, as in the stack.
void converse(SimulatedRuntime& runtime) {
  const auto acceptor = runtime.listen({.port = 38400}).value();
  const auto server = runtime.spawn("server", [&] {
    const auto connection = acceptor->accept(kNever).value();
    std::array<std::byte, kMessageBytes> message{};
    for (int round = 0; round < kRoundTrips; ++round) {
      readMessage(*connection, message, runtime.now() + std::chrono::seconds(30));
      writeMessage(*connection, message);
    }
  });
  const auto connection = runtime.connect({.port = 38400}, kNever).value();
  std::array<std::byte, kMessageBytes> message{};
  for (int round = 0; round < kRoundTrips; ++round) {
    writeMessage(*connection, message);
    readMessage(*connection, message, runtime.now() + std::chrono::seconds(30));
  }
}

void runMessages(benchmark::State& state, const SimulationOptions& options) {
  for (auto _ : state) {
    SimulatedRuntime runtime(options);
    runtime.runOrThrow([&] { converse(runtime); });
  }
  state.SetItemsProcessed(state.iterations() * 2 * kRoundTrips);
}

void messages(benchmark::State& state) {
  runMessages(state, {.segmentation = false});
}

void messagesInSegments(benchmark::State& state) {
  runMessages(state, {});
}

void messagesWithKeptEvents(benchmark::State& state) {
  runMessages(state, {.segmentation = false, .keep_events = 100'000});
}

/// A deadline of 30 seconds that passes, a thousand times.
void timeouts(benchmark::State& state) {
  for (auto _ : state) {
    SimulatedRuntime runtime;
    runtime.runOrThrow([&] {
      const auto acceptor = runtime.listen({.port = 38400}).value();
      const auto connection = runtime.connect({.port = 38400}, kNever).value();
      std::byte byte{};
      for (int times = 0; times < 1'000; ++times) {
        const auto deadline = runtime.now() + std::chrono::seconds(30);
        if (connection->readSome(std::span(&byte, 1), deadline)) throw std::logic_error("nobody wrote");
      }
    });
  }
}

/// A thousand tasks that wait for 30 seconds at the same time.
void timeoutsAtOnce(benchmark::State& state) {
  for (auto _ : state) {
    SimulatedRuntime runtime;
    runtime.runOrThrow([&] {
      std::vector<std::unique_ptr<Task>> tasks;
      for (int number = 0; number < 1'000; ++number) {
        tasks.push_back(
            runtime.spawn("waiting", [&] { runtime.sleepUntil(Instant{} + std::chrono::seconds(30)); }));
      }
    });
  }
}

BENCHMARK(messages)->Name("messages")->Unit(benchmark::kMillisecond);
BENCHMARK(messagesInSegments)->Name("messages/segmented")->Unit(benchmark::kMillisecond);
BENCHMARK(messagesWithKeptEvents)->Name("messages/events_kept")->Unit(benchmark::kMillisecond);
BENCHMARK(timeouts)->Name("1000_timeouts_of_30_s")->Unit(benchmark::kMillisecond);
BENCHMARK(timeoutsAtOnce)->Name("1000_timeouts_of_30_s/at_once")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace jitrig::bench
