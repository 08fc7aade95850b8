// RAND_METHOD is deprecated in favour of providers, which take a hundred lines to say the same.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "protocol/stream/tls/world_randomness.h"

#include <cstddef>
#include <openssl/rand.h>
#include <span>

#include "protocol/runtime/world_chance.h"

namespace jitrig {
namespace {

int fill(unsigned char* bytes, int size) {
  const std::span<unsigned char> wanted(bytes, static_cast<std::size_t>(size));
  if (drawFromWorld(std::as_writable_bytes(wanted))) return 1;
  return RAND_OpenSSL()->bytes(bytes, size);
}

int isSeeded() {
  return 1;  // OpenSSL's own generator seeds itself when it is first asked
}

bool install() {
  static const RAND_METHOD method{.seed = nullptr,
                                  .bytes = fill,
                                  .cleanup = nullptr,
                                  .add = nullptr,
                                  .pseudorand = fill,
                                  .status = isSeeded};
  return RAND_set_rand_method(&method) == 1;
}

}  // namespace

void useWorldRandomness() {
  if (!worldsExist()) return;
  static const bool installed = install();
  static_cast<void>(installed);
}

}  // namespace jitrig
