// Whatever bytes a TLS server hears instead of a handshake, or of its rest: it refuses them in words, and
// never takes them for a client that it knows. The input: a seed of the schedule, how the client behaves,
// what he sends.

#include <chrono>
#include <memory>
#include <utility>

#include "fuzz/fuzz_target.h"
#include "fuzz/simulated_session.h"
#include "fuzz/stranger.h"
#include "protocol/stream/certificates/localhost_tls_test_support.h"
#include "protocol/stream/tls/tls_byte_stream.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("tls_server_survives_bytes", [](InputBytes bytes) {
  simulate(bytes, [](Runtime& runtime, InputBytes stream) {
    auto [near, far] = runtime.makePipe("connection");
    const auto server = runtime.spawn("server", [&runtime, end = std::move(far)]() mutable {
      const auto secured = TlsByteStream::accept(runtime, testServerTls(runtime),
                                                 std::make_unique<ConnectionByteStream>(std::move(end)),
                                                 runtime.now() + std::chrono::seconds(30));
      require(!secured && !secured.error().detail.empty(), "a handshake that is none fails in words");
    });
    Stranger(runtime, std::move(near), stream).talk();
    server->join();
  });
});

}  // namespace
}  // namespace jitrig::fuzz
