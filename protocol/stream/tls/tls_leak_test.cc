// Handshakes by the hundred must leave nothing behind. JITRIG_HANDSHAKES=100000 makes it as many, and prints
// what was measured.

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <openssl/crypto.h>

#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

/// What OpenSSL has allocated and not freed, exactly. (mallinfo counts the freed chunks that glibc keeps for
/// each thread as allocated; what C++ leaks is LeakSanitizer's to find.)
std::atomic<std::int64_t> open_ssl_bytes{0};

void* counted(void* block) {
  open_ssl_bytes += static_cast<std::int64_t>(malloc_usable_size(block));
  return block;
}

void countedFree(void* block, const char* /*file*/, int /*line*/) {
  open_ssl_bytes -= static_cast<std::int64_t>(malloc_usable_size(block));
  std::free(block);
}

void* countedMalloc(std::size_t size, const char* /*file*/, int /*line*/) {
  return counted(std::malloc(size));
}

void* countedRealloc(void* block, std::size_t size, const char* file, int line) {
  if (size == 0) {
    countedFree(block, file, line);
    return nullptr;
  }
  const auto old_size = static_cast<std::int64_t>(malloc_usable_size(block));
  void* moved = std::realloc(block, size);
  if (moved == nullptr) return nullptr;
  open_ssl_bytes -= old_size;
  return counted(moved);
}

// Possible only before OpenSSL's first allocation, so before main.
const bool kCounting = CRYPTO_set_mem_functions(countedMalloc, countedRealloc, countedFree) == 1;

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
  ASSERT_TRUE(kCounting) << "OpenSSL allocated before this file was initialised";
  // NOLINTNEXTLINE(concurrency-mt-unsafe) nobody changes the environment
  const char* asked = std::getenv("JITRIG_HANDSHAKES");
  const std::int64_t count = asked == nullptr ? 240 : std::atoll(asked);
  run([&](Runtime& runtime) {
    TlsClientOptions untrusting = testClientOptions();
    untrusting.root_certificates = CertificateAuthority("another authority").certificate();
    const TlsEnds good = testContexts(runtime);
    const TlsEnds refused = testContexts(runtime, untrusting);
    for (std::int64_t i = 0; i < 80; ++i) connectOnce(runtime, good, refused, i);
    const std::int64_t before = open_ssl_bytes;
    const Instant began = runtime.now();
    for (std::int64_t i = 0; i < count; ++i) connectOnce(runtime, good, refused, i);
    const std::int64_t after = open_ssl_bytes;
    // Nothing may be lost per connection.
    EXPECT_LT(after - before, count);
    if (asked != nullptr) {
      std::printf(
          "%lld connections in %.1f s of the runtime's time: OpenSSL holds %lld bytes before, %lld after\n",
          static_cast<long long>(count), static_cast<double>((runtime.now() - began).count()) / 1e9,
          static_cast<long long>(before), static_cast<long long>(after));
    }
  });
}

}  // namespace
}  // namespace jitrig
