#include "protocol/runtime/runtime_under_test.h"

#include <cstdint>
#include <utility>

#include "protocol/runtime/os/operating_system_runtime.h"
#include "protocol/runtime/simulation/simulated_runtime.h"

namespace jitrig {
namespace {

void runOnOperatingSystem(const std::function<void(Runtime&)>& body) {
  OperatingSystemRuntime runtime({.seed = 1});
  body(runtime);
}

RuntimeUnderTest simulationWithSeed(std::uint64_t seed) {
  return {"simulation_seed_" + std::to_string(seed), [seed](const std::function<void(Runtime&)>& body) {
            SimulationOptions options;
            options.seed = seed;
            SimulatedRuntime runtime(options);
            runtime.runOrThrow([&] { body(runtime); });
          }};
}

}  // namespace

std::vector<RuntimeUnderTest> allRuntimes() {
  std::vector<RuntimeUnderTest> runtimes{{"operating_system", runOnOperatingSystem}};
  for (const std::uint64_t seed : {1U, 2U, 3U}) runtimes.push_back(simulationWithSeed(seed));
  return runtimes;
}

}  // namespace jitrig
