#include "fuzz/simulated_session.h"

#include <exception>

#include "fuzz/fuzz_input.h"
#include "fuzz/older_dialect.h"

namespace jitrig::fuzz {

const std::shared_ptr<const Dialect>& headDialect() {
  static const std::shared_ptr<const Dialect> kDialect = defaultDialect();
  return kDialect;
}

const std::shared_ptr<const Dialect>& sessionDialect(InputBytes bytes) {
  static const std::shared_ptr<const Dialect> kOlder = olderDialect();
  const bool older = !bytes.empty() && std::to_integer<unsigned>(bytes.front()) >= 128;
  return older && kOlder ? kOlder : headDialect();
}

void simulate(InputBytes bytes, const std::function<void(Runtime& runtime, InputBytes bytes)>& body) {
  FuzzInput input(bytes);
  SimulationOptions options;
  options.seed = 1 + input.take<std::uint8_t>();
  options.step_budget = 100'000;
  options.virtual_time_budget = std::chrono::hours(2);
  options.digest_contents = false;
  SimulatedRuntime world(options);
  const InputBytes rest = input.rest();
  const SimulationResult result = world.run([&] { body(world, rest); });
  if (result.exception) std::rethrow_exception(result.exception);
  if (result.outcome != SimulationOutcome::finished) failed("the world comes to its end: " + result.report);
}

}  // namespace jitrig::fuzz
