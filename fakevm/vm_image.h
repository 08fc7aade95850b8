#pragma once

#include <cstdint>

namespace jitrig {

/// What a VM that was checkpointed goes on with, in every process that is restored from it. It has no
/// streams, and knows nothing of servers: who it was to them, which classes they know, and when to try one
/// again begins anew.
struct VMImage {
  std::uint64_t client_uid = 0;   ///< a restored VM has another one
  std::uint64_t next_method = 0;  ///< those before it are compiled, or were tried
};

}  // namespace jitrig
