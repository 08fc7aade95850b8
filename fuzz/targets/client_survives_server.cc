// Whatever a server sends to a whole fake VM, in whatever segments, however he ends: the VM's compilations
// end, each once. The input: a seed of the schedule, how he behaves, his stream; later connections find him
// mute. By the schedule's highest bit both are of the older generation. There is a second compilation after
// one schedule in four.

#include <cstddef>
#include <cstdint>

#include "fuzz/client_session.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/simulated_session.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("client_survives_server", [](InputBytes bytes) {
  const std::uint64_t count = bytes.empty() || std::to_integer<unsigned>(bytes.front()) % 4 == 0 ? 2 : 1;
  const auto& dialect = sessionDialect(bytes);
  simulate(bytes, [&](Runtime& runtime, InputBytes stream) {
    const FakeVMSummary summary = ClientSession(runtime, dialect, stream).run(count);
    require(summary.compiled + summary.failed + summary.local == count, "each compilation ends once");
  });
});

}  // namespace
}  // namespace jitrig::fuzz
