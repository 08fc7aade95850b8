// Whatever a client sends to a whole fake compiler, in whatever segments, however he ends: the server closes,
// serves another client, stops, and nobody waits for anything. The input: a seed of the schedule, how he
// behaves, his stream; by the schedule's highest bit he is of the older generation. The other client takes as
// long as he does: he comes after one schedule in four.

#include <cstddef>

#include "fuzz/fuzz_target.h"
#include "fuzz/server_session.h"
#include "fuzz/simulated_session.h"
#include "fuzz/stranger.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("server_survives_client", [](InputBytes bytes) {
  const bool another = bytes.empty() || std::to_integer<unsigned>(bytes.front()) % 4 == 0;
  const auto& dialect = sessionDialect(bytes);
  simulate(bytes, [&](Runtime& runtime, InputBytes stream) {
    ServerSession server(runtime, dialect);
    Stranger(runtime, server.connect(), stream).talk();
    if (another) server.requireServesOthers();
    server.end();
  });
});

}  // namespace
}  // namespace jitrig::fuzz
