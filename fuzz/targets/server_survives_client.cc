// Whatever a client sends to a whole fake compiler, in whatever segments, however he ends: the server closes,
// serves another client, stops, and nobody waits for anything. The input: a seed of the schedule, how he
// behaves, his stream.

#include "fuzz/fuzz_target.h"
#include "fuzz/server_session.h"
#include "fuzz/simulated_session.h"
#include "fuzz/stranger.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("server_survives_client", [](InputBytes bytes) {
  simulate(bytes, [](Runtime& runtime, InputBytes stream) {
    ServerSession server(runtime);
    Stranger(runtime, server.connect(), stream).talk();
    server.requireServesOthers();
    server.end();
  });
});

}  // namespace
}  // namespace jitrig::fuzz
