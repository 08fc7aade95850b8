// Whatever a server sends to a whole fake VM, in whatever segments, however he ends: the VM's compilations
// end, each once. The input: a seed of the schedule, how he behaves, his stream; later connections find him
// mute.

#include "fuzz/client_session.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/simulated_session.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("client_survives_server", [](InputBytes bytes) {
  simulate(bytes, [](Runtime& runtime, InputBytes stream) {
    const FakeVMSummary summary = ClientSession(runtime, stream).run(2);
    require(summary.compiled + summary.failed + summary.local == 2, "each compilation ends once");
  });
});

}  // namespace
}  // namespace jitrig::fuzz
