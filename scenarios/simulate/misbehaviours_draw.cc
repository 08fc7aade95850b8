#include "scenarios/simulate/misbehaviours_draw.h"

#include <span>
#include <string>
#include <vector>

#include "fakecompiler/compiler_misbehaviours.h"
#include "fakevm/vm_misbehaviours.h"

namespace jitrig {
namespace {

constexpr std::uint64_t kMostMisbehaviours = 3;
constexpr std::uint64_t kMostCompilation = 12;

std::vector<MisbehaviourSpec> drawSpecs(RandomStream& random, std::span<const MisbehaviourInfo> known) {
  std::vector<MisbehaviourSpec> specs;
  const std::uint64_t count = drawWild(random, 1, kMostMisbehaviours);
  for (std::uint64_t i = 0; i < count; ++i) {
    MisbehaviourSpec spec;
    spec.name = drawOne<MisbehaviourInfo>(random, known).name;
    const std::uint64_t compilation = drawWild(random, 1, kMostCompilation);
    if (random.chance(5, 6)) spec.compilation = compilation;
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace

void drawMisbehaviours(RandomStream& random, Scenario& scenario) {
  for (ScenarioVM& vm : scenario.vms) {
    RandomStream own(random.draw());
    if (own.chance(1, 3)) vm.misbehaviours = drawSpecs(own, vmMisbehaviours());
  }
  for (ScenarioServer& server : scenario.servers) {
    RandomStream own(random.draw());
    if (own.chance(1, 4)) server.misbehaviours = drawSpecs(own, compilerMisbehaviours());
  }
}

}  // namespace jitrig
