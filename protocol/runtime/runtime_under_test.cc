#include "protocol/runtime/runtime_under_test.h"

#include <cstdint>
#include <utility>

#include "protocol/runtime/os/operating_system_runtime.h"
#ifdef JITRIG_HAS_SIMULATION
#include "protocol/runtime/simulation/simulated_runtime.h"
#endif

namespace jitrig {
namespace {

void runOnOperatingSystem(const std::function<void(Runtime&)>& body) {
  OperatingSystemRuntime runtime({.seed = 1});
  body(runtime);
}

#ifdef JITRIG_HAS_SIMULATION
RuntimeUnderTest simulationWithSeed(std::uint64_t seed) {
  return {"simulation_seed_" + std::to_string(seed), [seed](const std::function<void(Runtime&)>& body) {
            SimulationOptions options;
            options.seed = seed;
            SimulatedRuntime runtime(options);
            runtime.runOrThrow([&] { body(runtime); });
          }};
}
#endif

}  // namespace

std::vector<RuntimeUnderTest> allRuntimes() {
  std::vector<RuntimeUnderTest> runtimes{{"operating_system", runOnOperatingSystem}};
#ifdef JITRIG_HAS_SIMULATION
  for (const std::uint64_t seed : {1U, 2U, 3U}) runtimes.push_back(simulationWithSeed(seed));
#endif
  return runtimes;
}

}  // namespace jitrig
