#pragma once

#include <cstdint>

namespace jitrig::bench {

/// What this process's TCP connections have sent so far and had acknowledged, without TCP's own headers: the
/// kernel counts, so whatever a library adds is in it.
std::uint64_t sentBytes();

}  // namespace jitrig::bench
