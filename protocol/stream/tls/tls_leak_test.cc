// Handshakes by the hundred must leave nothing behind. JITRIG_HANDSHAKES=100000 makes it as many, and prints
// what was measured.

#include <cstdio>
#include <cstdlib>
#include <malloc.h>

#include "protocol/stream/tls/tls_test.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define JITRIG_ALLOCATOR_IS_REPLACED
#endif
#endif

namespace jitrig {
namespace {

std::int64_t allocatedBytes() {
  const auto info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

/// Every way in which a connection may go: good, resumed, refused, cut, reset.
void connectOnce(Runtime& runtime, const TlsEnds& good, const TlsEnds& refused, std::int64_t number) {
  WatchedPair watches;
  StreamPair pair = watches.watched(connectThroughPipe(runtime));
  switch (number % 8) {
    case 0: handshake(runtime, refused, std::move(pair)); return;
    case 1:
      watches.client.read_limit = 300;
      handshake(runtime, good, std::move(pair));
      return;
    case 2:
      watches.server.flip_at = 30;
      handshake(runtime, good, std::move(pair));
      return;
    default: break;
  }
  TlsPair tls = connected(runtime, good, std::move(pair));
  const auto server = runtime.spawn(
      "server", [&] { writeText(runtime, tls.serverStream(), readText(runtime, tls.serverStream(), 4)); });
  writeText(runtime, tls.clientStream(), "ping");
  readText(runtime, tls.clientStream(), 4);
  server->join();
  if (number % 8 == 3) tls.clientStream().reset();
}

class TlsLeakTest : public TlsTest {};
JITRIG_TLS_IN_EVERY_RUNTIME(TlsLeakTest);

TEST_P(TlsLeakTest, HandshakesLeaveNothingBehind) {
#ifdef JITRIG_ALLOCATOR_IS_REPLACED
  GTEST_SKIP() << "a sanitizer has its own allocator, and AddressSanitizer looks for leaks itself";
#endif
  // NOLINTNEXTLINE(concurrency-mt-unsafe) nobody changes the environment
  const char* asked = std::getenv("JITRIG_HANDSHAKES");
  const std::int64_t count = asked == nullptr ? 240 : std::atoll(asked);
  run([&](Runtime& runtime) {
    TlsClientOptions untrusting = testClientOptions();
    untrusting.root_certificates = TestAuthority("another authority").certificate();
    const TlsEnds good = testContexts(runtime);
    const TlsEnds refused = testContexts(runtime, untrusting);
    for (std::int64_t i = 0; i < 80; ++i) connectOnce(runtime, good, refused, i);
    const std::int64_t before = allocatedBytes();
    const Instant began = runtime.now();
    for (std::int64_t i = 0; i < count; ++i) connectOnce(runtime, good, refused, i);
    const std::int64_t after = allocatedBytes();
    // glibc counts the freed chunks that it keeps for each thread as allocated. One lost object per
    // connection would be some hundred bytes each.
    EXPECT_LT(after - before, 24 * count);
    if (asked != nullptr) {
      std::printf(
          "%lld connections in %.1f s of the runtime's time: %lld bytes allocated before, %lld after\n",
          static_cast<long long>(count), static_cast<double>((runtime.now() - began).count()) / 1e9,
          static_cast<long long>(before), static_cast<long long>(after));
    }
  });
}

}  // namespace
}  // namespace jitrig
