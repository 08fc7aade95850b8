// A thousand readers that wait for 30 seconds of virtual time.
#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>

#include "bench/scenarios/measured.h"
#include "protocol/runtime/simulation/simulated_runtime.h"

namespace jitrig::bench {

std::vector<Measured> measureTimeouts() {
  constexpr int kReaders = 1'000;
  const double begin = cpuSeconds();
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    std::vector<std::unique_ptr<Connection>> silent;
    std::vector<std::unique_ptr<Task>> readers;
    for (int i = 0; i < kReaders; ++i) {
      auto [near, far] = runtime.makePipe("silent");
      silent.push_back(std::move(far));
      readers.push_back(runtime.spawn("reader", [&runtime, near = std::move(near)] {
        std::array<std::byte, 16> bytes{};
        const auto read = near->readSome(bytes, runtime.now() + std::chrono::seconds(30));
        if (read || read.error().code != NetErrc::timedOut) throw std::runtime_error("no timeout");
      }));
    }
    for (const auto& reader : readers) reader->join();
  });
  const double ms = (cpuSeconds() - begin) * 1e3;
  return {{"thousand_timeouts_of_30_s_ms", ms, "< 50", ms < 50}};
}

}  // namespace jitrig::bench
